"""The letter's terms: amount cap, legal basis, records, confidentiality, release."""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.cells import printable
from flowtrace.report.document.typeset import Block, bullets, heading, para
from flowtrace.report.document.words import exact
from flowtrace.report.freeze.asking import silence_words
from flowtrace.report.freeze.request import Cap, FreezeRequest, Kind
from flowtrace.report.freeze.wording import BLANK, HOLD_ENDS, PRESERVE, SILENCE_MIXER


def terms(result: Result, request: FreezeRequest) -> list[Block]:
    """Return the sections 6 to 10."""
    sections = (_cap, _basis, _records, _silence, _release)
    return [block for section in sections for block in section(result, request)]


def _cap(_result: Result, request: FreezeRequest) -> list[Block]:
    return [
        heading("6. Amount cap and third parties", 2),
        para(f"{' '.join(_capped(request, cap) for cap in request.caps)} {_LIMITS[request.kind]}"),
    ]


_LIMITS = {
    Kind.EXCHANGE: (
        "If an account's balance exceeds the traced amount, please do not restrict the rest on account of "
        "this letter. Nothing is asked about hot wallets or other pooled addresses: they hold the funds of "
        "other customers."
    ),
    Kind.CLAIM: "Nothing is asked about any balance, and nothing about wallets that hold others' funds.",
    Kind.MIXER: "Nothing is asked about the contract: it holds the funds of others.",
    Kind.ISSUER: (
        "A block strikes all of the token at an address: where the balance exceeds the traced amount, it may "
        "strike others, and the traced amount above is what this letter speaks of. Nothing is asked about "
        "addresses of exchanges, bridges, pools or mixers: they hold the funds of others."
    ),
}


def _capped(request: FreezeRequest, cap: Cap) -> str:
    where = {Kind.MIXER: "into the mixer", Kind.ISSUER: "to where it rests", Kind.CLAIM: "to the addresses"}
    traced, came, low, high = (exact(cap.asset, n) for n in (cap.traced, cap.received, cap.low, cap.high))
    return (
        f"Traced {where.get(request.kind, 'to you')}: {traced} of {came} received; range {low} to {high} "
        "over the conserving rules."
    )


def _basis(result: Result, request: FreezeRequest) -> list[Block]:
    if request.kind in {Kind.CLAIM, Kind.MIXER}:
        return [
            heading("7. Legal basis", 2),
            para("None is claimed: nothing is required of anybody by this notice."),
        ]
    stated = printable(result.requester.legal_basis) or f"Statute, order and number: {BLANK}"
    own = [
        f"{action.kind}: {printable(action.basis)}"
        for action in request.actions
        if not request.wording.basis and action.kind in dict(result.requester.basis)
    ]
    return [
        heading("7. Legal basis", 2),
        para(request.wording.basis or stated),
        *([para("Of single actions:"), bullets(own)] if own else []),
    ]


def _records(_result: Result, request: FreezeRequest) -> list[Block]:
    if request.kind in {Kind.MIXER, Kind.ISSUER}:
        return [heading("8. Records to keep", 2), para("None is named in this document.")]
    return [heading("8. Records to keep", 2), bullets(PRESERVE)]


def _silence(_result: Result, request: FreezeRequest) -> list[Block]:
    text = SILENCE_MIXER if request.kind is Kind.MIXER else silence_words(request)
    return [heading("9. Confidentiality", 2), para(text)]


def _release(_result: Result, request: FreezeRequest) -> list[Block]:
    reaches = any(action.capped for action in request.actions)
    text = HOLD_ENDS if reaches else HOLD_ENDS.partition(". ")[2]
    return [heading("10. Release", 2), para(text)]
