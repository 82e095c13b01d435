"""Issuers' freezes: who may not move a token any more, since which block, by whose act.

A freeze is a fact of the ledger: an event that the token's contract wrote, and what the contract answers when
it is asked. Both are kept apart, for they can disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from flowtrace.model.address import Address
from flowtrace.model.asset import Amount, Asset
from flowtrace.model.label import Category, Label, Use

_SOURCE = re.compile(
    r"(?P<event>[A-Za-z]{1,40}) of (?P<asset>\S{1,200}), "
    r"(?:(?:block (?P<height>[0-9]{1,12}), )?transaction (?P<tx>[0-9a-zA-Z]{1,90})|answered for .{1,60})"
    r"(?:, as .{1,300} tells| \(read in .{1,300}\))?"
)
_TEXT = re.compile(
    r"\S{1,40} (?P<done>frozen|released|frozen and destroyed) by (?P<issuer>[A-Za-z]{1,40})"
    r"(?:, (?P<units>[0-9.]{1,40} \S{1,40}))?(?P<remark> \(.*\))?"
)


class Act(StrEnum):
    """What an issuer did to an address."""

    FROZEN = "frozen"
    RELEASED = "released"
    DESTROYED = "destroyed"


_DONE = {Act.FROZEN: "frozen", Act.RELEASED: "released", Act.DESTROYED: "frozen and destroyed"}


@dataclass(frozen=True, slots=True)
class Freeze:
    """One act of an issuer on one address.

    Attributes
    ----------
    event
        The name of the event that tells it.
    time
        Unix seconds; 0 where it is not told.
    units
        What the address held of it then, or what was destroyed; None where it is not told.
    """

    address: Address
    asset: Asset
    issuer: str
    act: Act
    event: str
    tx: str
    height: int
    time: int
    units: int | None = None

    @property
    def day(self) -> str:
        """The day, ISO 8601; empty where no time is told."""
        return datetime.fromtimestamp(self.time, UTC).date().isoformat() if self.time else ""

    def label(self, told_by: str = "", remark: str = "") -> Label:
        """Return it as a label of the address; ``remark`` stands in brackets behind what is said."""
        held = "" if self.units is None else f", {Amount(self.asset, self.units).decimal} {self.asset.symbol}"
        said = f" ({remark})" if remark else ""
        source = f"{self.event} of {self.asset}, block {self.height}, transaction {self.tx}"
        return Label(
            address=self.address,
            text=f"{self.asset.symbol} {_DONE[self.act]} by {self.issuer}{held}{said}",
            category=Category.OTHER,
            use=Use.UNSPECIFIED if self.act is Act.RELEASED else Use.FROZEN,
            entity=None,
            source=f"{source}, as {told_by} tells" if told_by else source,
            confidence="ledger_immanent" if not told_by else "service_data",
            date=self.day,
        )


@dataclass(frozen=True, slots=True)
class FreezeState:
    """What a token's contract answers when it is asked whether an address is frozen.

    Attributes
    ----------
    height
        The block whose state it is; 0 where the service answers for its newest final block alone.
    at
        The time of that block, ISO 8601; where none is named, when the answer came.
    """

    address: Address
    asset: Asset
    issuer: str
    function: str
    frozen: bool
    height: int
    at: str

    @property
    def of(self) -> str:
        """Of which block it is, in words."""
        return f"block {self.height}" if self.height else f"the newest final block at {self.at}"

    def label(self, remark: str) -> Label:
        """Return it as a label, where no event tells the same; the day is that of the answer."""
        done = _DONE[Act.FROZEN if self.frozen else Act.RELEASED]
        return Label(
            address=self.address,
            text=f"{self.asset.symbol} {done} by {self.issuer} ({remark})",
            category=Category.OTHER,
            use=Use.FROZEN if self.frozen else Use.UNSPECIFIED,
            entity=None,
            source=f"{self.function} of {self.asset}, answered for {self.of}",
            confidence="ledger_immanent",
            date=self.at[: len("yyyy-mm-dd")],
        )


@dataclass(frozen=True, slots=True)
class Frozen:
    """That an address may not move a token, as a label says it.

    Attributes
    ----------
    asset
        The token as CAIP-19 writes it.
    tx
        The transaction of the event; empty where only the contract's answer tells it.
    height
        The event's block; 0 where only the contract's answer tells it.
    day
        Since when, ISO 8601; where there is no event, the day of the answer.
    """

    address: Address
    asset: str
    issuer: str
    event: str
    tx: str
    height: int
    day: str
    source: str
    act: Act = Act.FROZEN
    remark: str = ""

    @property
    def since(self) -> str:
        """Since when, and by whom, in a few words."""
        day = f" {'since' if self.tx else 'on or before'} {self.day}" if self.day else ""
        return f"frozen by {self.issuer}{day}"


def frozen_by(label: Label) -> Frozen | None:
    """Return the freeze or release that a label states, in the words of :meth:`Freeze.label`; else None."""
    text, source = _TEXT.fullmatch(label.text), _SOURCE.fullmatch(label.source)
    if text is None or source is None:
        return None
    act = next(act for act, done in _DONE.items() if done == text["done"])
    if (label.use is Use.FROZEN) == (act is Act.RELEASED):
        return None  # what was released since, or is contradicted, is not frozen
    return Frozen(
        address=label.address,
        asset=source["asset"],
        issuer=text["issuer"],
        event=source["event"],
        tx=source["tx"] or "",
        height=int(source["height"] or 0),
        day=label.date,
        source=label.source,
        act=act,
        remark=(text["remark"] or "").strip(" ()"),
    )


def frozen_at(labels: Iterable[Label], address: Address, asset: Asset) -> Frozen | None:
    """Return since when an address may not move a token, by its labels; None where it may.

    A release ends the freezes before it, whoever tells them; the contract's own answer that an address is
    free ends all.
    """
    said = [found for label in labels if label.address == address and (found := frozen_by(label))]
    mine = [one for one in said if one.asset == str(asset)]
    if any(one.act is Act.RELEASED and not one.tx for one in mine):
        return None
    released = max((one.height for one in mine if one.act is Act.RELEASED), default=-1)
    stands = [one for one in mine if one.act is not Act.RELEASED and (one.height > released or not one.tx)]
    return min(stands, key=lambda one: (not one.tx, one.height), default=None)


def frozen_now(freezes: Iterable[Freeze]) -> dict[tuple[Address, Asset], Freeze]:
    """Return the last act on each address and token, where it left the address frozen."""
    last: dict[tuple[Address, Asset], Freeze] = {}
    for one in sorted(freezes, key=lambda freeze: freeze.height):
        if one.act is not Act.DESTROYED or (one.address, one.asset) not in last:
            last[one.address, one.asset] = one
    return {place: one for place, one in last.items() if one.act is not Act.RELEASED}
