"""Who asks, in every mode, with all that the mode needs; and a result with a third party's claim."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.model import Category, Entity, Label, Requester, Result, Stop, Use
from report.toy_result import NELL, toy_result

_ASKER = Requester(contact="switchboard of the town hall", reference="TP-7", no_tip_off_checked=True)
ASKERS = {
    "le": replace(
        _ASKER, mode="le", name="A. Officer", organisation="Toytown Police", email="a.officer@police.example",
        legal_basis="Toytown Code s. 1, order 7",
    ),
    "counsel": replace(
        _ASKER, mode="counsel", name="B. Barrister", organisation="Toytown Chambers",
        email="b@chambers.example", legal_basis="order 12 of the Toytown High Court",
    ),
    "victim": replace(
        _ASKER, mode="victim", name="C. Clerk", organisation="Toytown Vault", report="Toytown Police, TP-7",
        ownership="deeds of the vault",
    ),
    "researcher": replace(_ASKER, mode="researcher", name="D. Doctor", organisation="Toy Bureau"),
}  # fmt: skip
CRANE = Entity("crane", "Crane Exchange", Category.EXCHANGE)
MINT = Entity("mint", "Mint", Category.OTHER)


def claimed(asker: Requester) -> Result:
    """Return the toytown case in which research calls an address without data a deposit address of Crane."""
    result = toy_result(asker)
    source = "https://research.example/crane"
    said = Label(
        NELL, "Crane Deposit Address", Category.EXCHANGE, Use.DEPOSIT, CRANE, source, "web_crawl",
        "2022-06-01", asserted=True,
    )  # fmt: skip

    def claims(stop: Stop) -> Stop:
        return replace(stop, claims=(said,)) if stop.address == NELL else stop

    trace = replace(result.trace, stops=tuple(claims(stop) for stop in result.trace.stops))
    return replace(result, trace=trace, labels={**result.labels, NELL: (said,)})
