"""The laws that a run of any source is held to, and the stand-ins they are tried on."""

from __future__ import annotations

import importlib
import os
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from fetch.askings import Mishap, Run, Told, straight
from fetch.mishaps import SERVICE
from fetch.pretend import BROKEN
from fetch.services import Service
from flowtrace.errors import FlowtraceError
from flowtrace.model import Kind, Scope, Transfer

EVERY = os.environ.get("FLOWTRACE_LAWS") == "all"
FEW, SPOILT = 6, 40
HERE = Path(__file__).parent
DONE: Counter[str] = Counter()
OPEN: Counter[str] = Counter()
MISHAPS: Mapping[str, Mishap] = {**SERVICE, **BROKEN}


@dataclass(frozen=True)
class Case:
    """A stand-in: the name of its file, and which of several it is."""

    file: str
    place: int

    def service(self) -> Service:
        """Return it, as new."""
        return _made(self.file)[self.place]

    def __str__(self) -> str:
        return f"{self.file.removesuffix('_service')}-{self.place}"


def _made(file: str) -> list[Service]:
    module = importlib.import_module(f"fetch.{file}")
    found: list[Service] = module.services() if hasattr(module, "services") else [module.service()]
    return found


FILES = sorted(path.stem for path in HERE.glob("*_service.py"))
CASES = [Case(file, place) for file in FILES for place in range(len(_made(file)))]
every_case = pytest.mark.parametrize("case", CASES, ids=str)


@cache
def plain(case: Case) -> tuple[Told, int]:
    """Return what a stand-in tells when nothing goes wrong, and in how many different requests."""
    told, asked = straight(case.service())
    return told, len({request.id for request in asked})


def places(case: Case, name: str) -> list[int]:
    """Return the requests at which a mishap strikes: all, or the first, the last, and some between."""
    count = plain(case)[1]
    if EVERY or count <= FEW:
        return list(range(count))
    chance = random.Random(f"{case} {name}")  # noqa: S311  no secret
    return sorted({0, count - 1, *chance.sample(range(count), FEW - 2)})


def kept(run: Run, service: Service) -> None:
    """Hold a run to what holds whatever happens: an exact log, an unbroken chain, and the pace."""
    assert run.logged == len(run.sent), "the log has exactly the attempts that left"
    assert not run.faults
    requests, seconds = service.provider.requests, service.provider.seconds
    times = [sent.at for sent in run.sent]
    for place in range(len(times) - requests):
        assert times[place + requests] - times[place] >= seconds - 1e-6, "beyond the pace"


def named(error: FlowtraceError, service: Service) -> None:
    """Hold an error to saying whom it is about, in one line that can be written down."""
    text = str(error)
    assert "\n" not in text
    assert text.encode()
    provider = service.provider
    assert any(
        name in text for name in (provider.id, provider.host, provider.chain.id, "block", "transaction")
    ), text


ADMITS = re.compile("not (checked|told|read)|prove nothing|cannot be asked")
"""How a coverage says that nothing independent of the service's lists backs it."""


KNOWN: Mapping[str, tuple[Scope, ...]] = {
    "portal_service": (Scope.EXTERNAL, Scope.INTERNAL),
    "portal_solana_service": (Scope.TOKEN,),
}
"""Where the last block could be left out unnoticed: each is held to the one before, none to a balance."""


def scope_of(transfer: Transfer) -> Scope:
    """Return the scope in which a transfer is shown."""
    if transfer.amount.asset.contract:
        return Scope.TOKEN
    return Scope.INTERNAL if transfer.kind in (Kind.INTERNAL, Kind.NET) else Scope.EXTERNAL


def honest(run: Run, case: Case, what: str, *, lie: bool = False) -> None:
    """Hold a run to the law: what it tells is complete and true, or it says where it may not be.

    Where a service lies about its lists, a coverage that no check backs may claim more than is; it must admit
    then that no check backs it, and it is counted here.
    """
    kept(run, case.service())
    if run.error is not None:
        named(run.error, case.service())
        return
    told, right = run.told, plain(case)[0]
    assert told is not None
    assert run.again is not None
    assert run.again.transfers == told.transfers, f"{what}: the evidence tells another story"
    assert [scope[:5] for scope in run.again.coverage] == [scope[:5] for scope in told.coverage]
    assert told.coverage, f"{what}: no coverage at all"
    claimed = {scope[1]: str(scope[5]) for scope in told.coverage if scope[4]}
    found = wrong(told, right, lie=lie)
    # A transaction that only an incomplete scope would have shown brings its other moves along.
    excused = {transfer.tx for transfer in found if scope_of(transfer) not in claimed}
    for transfer in found:
        scope = scope_of(transfer)
        if scope in claimed and touches(transfer, case) and transfer.tx not in excused:
            admitted = bool(ADMITS.search(claimed[scope])) or scope in KNOWN.get(case.file, ())
            assert lie, f"{what}: {transfer.id} is wrong"
            assert admitted, f"{what}: {transfer.id} is wrong, and nothing says that it may be"
            OPEN[f"{case} {scope}"] += 1


def touches(transfer: Transfer, case: Case) -> bool:
    """Whether a transfer is the address's own: what others pay beside it, no coverage of it speaks of."""
    address = case.service().address
    return any(leg.address == address for leg in (*transfer.inputs, *transfer.outputs))


def wrong(told: Told, right: Told, *, lie: bool) -> list[Transfer]:
    """Return the transfers that only one of the two tells.

    A lie about the order within a block is no lie about what moved: such a list is all that tells the order.
    """
    one, other = (_placed(found.transfers) if lie else found.transfers for found in (told, right))
    return [transfer for transfer in (one - other) + (other - one) if isinstance(transfer, Transfer)]


def _placed(transfers: Counter[object]) -> Counter[object]:
    """Return transfers without their places within their blocks."""
    return Counter(replace(one, index=0) for one in transfers.elements() if isinstance(one, Transfer))


def written(told: Told) -> str:
    """Return all the text that was told, as a ledger or report would write it down."""
    transfers = [transfer for transfer in told.transfers if isinstance(transfer, Transfer)]
    legs = [leg for transfer in transfers for leg in (*transfer.inputs, *transfer.outputs)]
    texts = [
        *(t.id for t in transfers),
        *(f"{leg.asset} {leg.asset.symbol} {leg.address}{leg.coin}" for leg in legs),
    ]
    return " ".join([*texts, *(str(part) for scope in told.coverage for part in scope)])
