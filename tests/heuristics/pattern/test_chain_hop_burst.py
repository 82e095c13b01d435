"""Chain-hop bursts: fifty payments to bridges in a day, or twenty bridge addresses in an hour."""

from __future__ import annotations

import pytest

from flowtrace.model import Category, Transfer
from flowtrace_heuristics.pattern.chain_hop_burst import chain_hop_burst
from towns.pattern import MEN
from towns.readings import figures, patterns
from towns.shaped import DAY, flow, labelled, paid
from toytown import register


def hops(count: int, *, gap: int, payers: int = 1) -> list[Transfer]:
    """Return payments to one bridge, by payers in turn."""
    return [paid(f"hop-{n}", f"runner {n % payers}", "ferry", 5, at=n * gap) for n in range(count)]


@pytest.mark.parametrize(("count", "gap", "there"), [(50, 1_763, True), (50, 1_764, False), (49, 60, False)])
def test_fifty_in_a_day(count: int, gap: int, there: bool) -> None:  # noqa: FBT001
    """Pattern 4.9: ">= 50 cross-chain swaps per 24 h": fifty stand forty-nine gaps apart."""
    assert bool(patterns(chain_hop_burst, flow(hops(count, gap=gap)), MEN)) is there


def test_one_set_pays_from_many_addresses() -> None:
    """Pattern 4.9: "from one taint set": payers whom payments connect are one, strangers are not."""
    pays = hops(60, gap=60, payers=10)
    assert not patterns(chain_hop_burst, flow(pays), MEN)
    split = [paid(f"split-{n}", "boss", f"runner {n}", 100, at=n) for n in range(10)]
    later = [paid(one.tx, one.source or "", "ferry", 5, at=one.time - 1_650_000_000 + 1_000) for one in pays]
    found = patterns(chain_hop_burst, flow([*split, *later]), MEN)
    assert [(one.figure("payments"), one.figure("payers")) for one in found] == [("60", "10")]


def test_twenty_bridge_addresses_in_an_hour() -> None:
    """Pattern 4.9: ">= 20 distinct destination addresses/h", as far as this chain shows them."""
    vaults = register(*(labelled(f"vault {n}", "ferry", Category.BRIDGE) for n in range(20)))
    for gap, there in ((189, True), (190, False)):
        pays = [paid(f"hop-{n}", "runner", f"vault {n}", 5, at=n * gap) for n in range(20)]
        assert bool(figures(chain_hop_burst, flow(pays), "bridge_addresses", attribution=vaults)) is there


def test_bursts_of_one_set_do_not_overlap() -> None:
    """A burst takes in its day, and the next begins after it."""
    found = figures(chain_hop_burst, flow(hops(150, gap=DAY // 100)), "payments", attribution=MEN)
    assert found == ["101"]
