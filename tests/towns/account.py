"""Toytown's accounts: one named case for every heuristic of the account room, and an innocent look-alike."""

from __future__ import annotations

from dataclasses import replace

from towns.named import NamedCase
from toytown import (
    CAROL,
    HALF_KNOWN,
    KNOWN,
    PAID,
    WORLD,
    ledger_of,
    world,
)

_SPENT_ELSEWHERE = replace(PAID["sweep-2"], name="own-spending", target=CAROL)

CASES = (
    NamedCase(
        "deposit_reuse",
        "a deposit address pays a friend once: somebody's own, not an exchange's",
        world(),
        ledger_of(
            [one for one in (*WORLD, _SPENT_ELSEWHERE) if not one.name.startswith(("bolt", "consolidated"))],
            KNOWN,
            HALF_KNOWN,
        ),
    ),
    NamedCase("service_stop", "the same payments to wallets nobody labels", world(), ledger_of(())),
)
