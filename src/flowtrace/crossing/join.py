"""Joining ends by their key: exact, in one pass, and never against what an end says.

Two ends with one (protocol, key) are one crossing unless something speaks against it: an end that pays
before anything left, more paid than was sent, another chain than the one named, facts that differ. Then
they are a misfit, with the reason, and no crossing: a key is what a message says of itself, and messages
can lie.

Source: the rule ``0 <= in - out - fee <= tolerance`` and time order, algorithms 5.3.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.crossing.ends import Crossing, End, Joined, Misfit, Side
from flowtrace.model import Class

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a protocol pays.

    Attributes
    ----------
    parts
        True where it may pay one message in several parts: streaming swaps, affiliates, partial fills.
    equals
        True where its keys are made of what a message says, so that equal messages share one.
    keeps
        How many millionths of what was sent it may keep beyond the fee that is told; None where it sets no
        such limit.
    """

    parts: bool = False
    equals: bool = False
    keeps: int | None = None


class _Refusal(Exception):  # noqa: N818  never leaves this module
    """Why ends do not go together."""


def join(ends: Iterable[End], manners: dict[str, Manner] | None = None, *, skew: int = 0) -> Joined:
    """Join ends by protocol and key.

    An end given twice counts once. The order in which ends are given changes nothing.

    Parameters
    ----------
    manners
        How each protocol pays, as :attr:`~flowtrace.crossing.registry.Registry.manners` has it; one that is
        not named pays each message once, in whole.
    skew
        Seconds by which the clocks of two ledgers may differ.
    """
    protocols: dict[str, dict[str, list[End]]] = {}
    for end in ends:
        groups = protocols.get(end.protocol)
        if groups is None:
            groups = protocols[end.protocol] = {}
        group = groups.get(end.key)
        if group is None:
            groups[end.key] = [end]
        else:
            group.append(end)
    result = _Result([], [], [], [])
    collecting = gc.isenabled()
    gc.disable()  # nothing here is a ring: looking for rings among millions of ends takes a third of the time
    try:
        for protocol in sorted(protocols):
            manner, groups = (manners or {}).get(protocol) or Manner(), protocols[protocol]
            for key in sorted(groups):
                result.add(groups[key], manner, skew)
    finally:
        if collecting:
            gc.enable()
    return Joined(tuple(result.made), tuple(result.misfits), tuple(result.waiting), tuple(result.orphans))


@dataclass(slots=True)
class _Result:
    made: list[Crossing]
    misfits: list[Misfit]
    waiting: list[End]
    orphans: list[End]

    def _pair(self, sent: End, paid: End, *, manner: Manner, skew: int) -> None:
        try:
            self.made.append(_crossing(sent, (paid,), manner=manner, skew=skew, alone=True))
        except _Refusal as refusal:
            self.misfits.append(Misfit((sent, paid), str(refusal)))

    def _apart(self, sent: End, paid: list[End], skew: int) -> list[End]:
        """Set aside what contradicts the sender, so that a lie under its key hides no true payment."""
        good = []
        for end in _in_order(paid):
            try:
                _agree(sent, end, skew)
            except _Refusal as refusal:
                self.misfits.append(Misfit((sent, end), str(refusal)))
            else:
                good.append(end)
        return good

    def add(self, group: list[End], manner: Manner, skew: int) -> None:
        """Join the ends of one key."""
        if len(group) == 2 and group[0].side is not group[1].side:  # noqa: PLR2004  nearly always: the quick way
            one, other = group if group[0].side is Side.SENT else reversed(group)
            if one.side is Side.SENT:
                self._pair(one, other, manner=manner, skew=skew)
                return
        group = list(dict.fromkeys(group))
        sent = [end for end in group if end.side is Side.SENT]
        paid = [end for end in group if end.side is not Side.SENT]
        if not paid:
            self.waiting += _in_order(sent)
        elif not sent:
            self.orphans += _in_order(paid)
        else:
            if len(sent) == 1 and manner.parts:
                paid = self._apart(sent[0], paid, skew)
            try:
                self.made += (
                    _crossings(_in_order(sent), _in_order(paid), manner=manner, skew=skew) if paid else []
                )
            except _Refusal as refusal:
                self.misfits.append(Misfit((*_in_order(sent), *_in_order(paid)), str(refusal)))


def _in_order(ends: list[End]) -> list[End]:
    if len(ends) == 1:
        return ends
    return sorted(ends, key=lambda e: (e.time is None, e.time or 0, e.chain, e.tx, e.position, repr(e)))


def _crossings(sent: list[End], paid: list[End], *, manner: Manner, skew: int) -> list[Crossing]:
    if len(sent) > 1 and not (manner.equals and len(sent) == len(paid)):
        raise _Refusal(f"{len(sent)} ends send under one key and {len(paid)} pay: which is whose is not told")
    if len(sent) > 1:
        return [
            _crossing(one, (other,), manner=manner, skew=skew, alone=False)
            for one, other in zip(sent, paid, strict=True)
        ]
    if len(paid) > 1 and not manner.parts:
        raise _Refusal(f"{len(paid)} ends pay what the protocol pays once")
    return [_crossing(sent[0], tuple(paid), manner=manner, skew=skew, alone=True)]


def _crossing(sent: End, paid: tuple[End, ...], *, manner: Manner, skew: int, alone: bool) -> Crossing:
    for end in paid:
        _agree(sent, end, skew)
    fee = _kept(sent, paid, manner.keeps)
    first = paid[0].time
    gap = None if sent.time is None or first is None else first - sent.time
    sure = alone and sent.vouched and all(end.vouched for end in paid)
    return Crossing(sent, paid, Class.C if sure else Class.P, fee, gap)


def _agree(sent: End, end: End, skew: int) -> None:
    """Refuse two ends of which one contradicts the other."""
    home = sent.chain if end.side is Side.RETURNED else sent.other_chain
    if home and end.chain != home:
        raise _Refusal(f"it is paid on {end.chain}, and {home} was named")
    if end.other_chain and end.other_chain != sent.chain:
        raise _Refusal(f"what is paid says it comes from {end.other_chain}, and this left {sent.chain}")
    if sent.time is not None and end.time is not None and end.time < sent.time - skew:
        raise _Refusal(f"it is paid {sent.time - end.time} seconds before it was sent")
    if sent.terms and end.terms:
        told = dict(sent.terms)
        for name, value in end.terms:
            if told.get(name, value) != value:
                raise _Refusal(f"the two sides differ in {name}: {told[name]:.80} and {value:.80}")


def _kept(sent: End, paid: tuple[End, ...], keeps: int | None) -> int | None:
    """Return what was kept of one asset; None where the sides are of several."""
    same = [end.units for end in paid if end.asset == sent.asset and end.units is not None]
    if not sent.asset or sent.units is None or not same:
        return None
    kept = sent.units - sum(same)
    told = (sent.fee or 0) + sum(end.fee or 0 for end in paid if end.asset == sent.asset)
    if kept < told:
        raise _Refusal(f"{sum(same)} is paid and {told} kept of {sent.units} sent: more than there was")
    if len(same) < len(paid):  # some of it came back and some crossed as another asset
        return None
    if keeps is not None and (kept - told) * _MILLION > sent.units * keeps:
        raise _Refusal(f"{kept} of {sent.units} is missing, and {told} is told as fee")
    return kept
