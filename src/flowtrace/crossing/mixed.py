"""Notes of a mixer pool as payments: what a finding says of a deposit and a withdrawal, and what a person.

The pool hides which note is which. A finding names some of each with its odds; it joins nothing. Where a
person accepts it, the payment by which the deposit was made and the one by which the withdrawal came are a
crossing of class P, less the relayer's fee. Nothing is accepted by itself, however good its odds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flowtrace.model import (
    Address,
    Amount,
    Class,
    Crossed,
    Decision,
    Fact,
    FactKind,
    Kind,
    Leg,
    Likely,
    Link,
    Pattern,
    Standing,
    Transfer,
    finding_id,
)

TORNADO, RAILGUN = "tornado", "railgun"
MOST_PAIRS = 64
Place = tuple[str, int]
_IN, _OUT = (FactKind.MIXER_DEPOSIT, FactKind.SHIELD), (FactKind.MIXER_WITHDRAWAL, FactKind.UNSHIELD)
_RAILGUN = (FactKind.SHIELD, FactKind.UNSHIELD)


@dataclass(frozen=True, slots=True)
class Mixed:
    """What findings say of notes: followed where a person accepted them, all of them listed."""

    made: tuple[Crossed, ...] = ()
    likely: tuple[Likely, ...] = ()


@dataclass
class Notes:
    """Finds the payments of notes, and pairs those that findings name.

    Attributes
    ----------
    facts
        Every deposit and withdrawal on the ledger, by id.
    decisions
        A person's last word on each finding, by its id.
    """

    facts: Mapping[str, Fact]
    transaction: Callable[[str, str], Sequence[Transfer]]
    decisions: Mapping[str, Decision] = field(default_factory=dict)

    def of(self, patterns: Iterable[Pattern]) -> Mixed:
        """Return what findings come to; accepted ones in the order of their notes in the chain."""
        told = [(one, finding_id(one), list(self._pairs(one))) for one in patterns]
        told = [item for item in told if item[2]]
        told.sort(key=lambda item: (item[0].by, item[2][0][1].chain_id, item[2][0][1].key, item[1]))
        made: list[Crossed] = []
        likely: list[Likely] = []
        used: set[str] = set()
        for pattern, name, pairs in told:
            word = self.decisions.get(name)
            for deposit, withdrawal in pairs:
                crossed, why = self._crossed(pattern, deposit, withdrawal)
                gave = self._gave(deposit)
                if gave is None:
                    continue
                standing = Standing.CANDIDATE
                if word is not None and word.accepted:
                    again = not used.isdisjoint((deposit.id, withdrawal.id))
                    if crossed is not None and not again:
                        used |= {deposit.id, withdrawal.id}
                        made.append(_accepted(crossed, word))
                        standing, why = Standing.FOLLOWED, f"accepted by {word.who}: {word.why}"
                    elif again:
                        why = "accepted, but one of its notes is another's by a finding accepted too"
                got = self._came(withdrawal)
                place = None if got is None else got[0]
                likely.append(
                    Likely(
                        _protocol(deposit), pattern.by, standing, gave[0], place, why, name, pattern.figures
                    )
                )
        return Mixed(tuple(made), tuple(likely))

    def _pairs(self, pattern: Pattern) -> Iterator[tuple[Fact, Fact]]:
        """Yield deposit and withdrawal of one pool: with one withdrawal each deposit, else one by one."""
        notes = [self.facts[name] for name in pattern.because if name in self.facts]
        pools = dict.fromkeys((one.chain_id, one.party("pool")) for one in notes)
        yielded = 0
        for chain, pool in pools:
            deposits, withdrawals = (
                sorted(
                    (n for n in notes if (n.chain_id, n.party("pool")) == (chain, pool) and n.kind in kinds),
                    key=lambda one: one.key,
                )
                for kinds in (_IN, _OUT)
            )
            pairs = (
                [(one, withdrawals[0]) for one in deposits]
                if len(withdrawals) == 1
                else list(zip(deposits, withdrawals, strict=False))
            )
            for deposit, withdrawal in pairs:
                if deposit.key < withdrawal.key and yielded < MOST_PAIRS:
                    yielded += 1
                    yield deposit, withdrawal

    def _crossed(self, pattern: Pattern, deposit: Fact, withdrawal: Fact) -> tuple[Crossed | None, str]:
        gave, got = self._gave(deposit), self._came(withdrawal)
        if gave is None or got is None:
            return None, "the payment of its withdrawal is not on the ledger"
        (place, out), (came, back) = gave, got
        if out.asset != back.asset or out.units < back.units:
            return None, "what came is not of the asset put in, or more than it"
        fee, told = out.units - back.units, withdrawal.figure("fee")
        if told and told != str(fee):
            return (
                None,
                f"the relayer's fee was {told} base units by the pool's word, {fee} by the payments",
            )
        link = Link(place, came, Class.P, pattern.by)
        gap = withdrawal.time - deposit.time
        return (
            Crossed(_protocol(deposit), "", Class.P, pattern.by, (link,), Amount(out.asset, fee), gap,
                    figures=pattern.figures),
            "",
        )  # fmt: skip

    def _gave(self, deposit: Fact) -> tuple[Place, Leg] | None:
        """Return the depositor's own payment of what came to the pool; else that of whoever paid it in."""
        pool, depositor = deposit.party("pool"), deposit.party("depositor")
        paid = self._nth(deposit, None, pool)
        if paid is None or depositor is None:
            return paid
        own = [
            item for item in self._moves(deposit, depositor, None)
            if (item[1].asset, item[1].units) == (paid[1].asset, paid[1].units)
        ]  # fmt: skip
        number = self._number(deposit)
        return own[number] if number < len(own) else paid

    def _came(self, withdrawal: Fact) -> tuple[Place, Leg] | None:
        return self._nth(withdrawal, withdrawal.party("pool"), withdrawal.party("recipient"))

    def _nth(self, note: Fact, source: Address | None, target: Address | None) -> tuple[Place, Leg] | None:
        found, number = list(self._moves(note, source, target)), self._number(note)
        return found[number] if number < len(found) else None

    def _number(self, note: Fact) -> int:
        """Return which of the notes of one kind, pool and payee in its transaction it is."""
        same = [
            one for one in self._together.get((note.chain_id, note.tx), ())
            if (one.kind, one.parties[:2]) == (note.kind, note.parties[:2])
        ]  # fmt: skip
        return [one.id for one in same].index(note.id)

    def _moves(
        self, note: Fact, source: Address | None, target: Address | None
    ) -> Iterator[tuple[Place, Leg]]:
        for transfer in self.transaction(note.chain_id, note.tx):
            leg = transfer.outputs[0]
            plain = transfer.ok and transfer.kind is not Kind.FEE and len(transfer.outputs) == 1 and leg.units
            if plain and source in (None, transfer.source) and target in (None, leg.address):
                yield (transfer.id, 0), leg

    def __post_init__(self) -> None:
        self._together: dict[tuple[str, str], list[Fact]] = {}
        for one in sorted(self.facts.values(), key=lambda fact: (fact.chain_id, *fact.key)):
            self._together.setdefault((one.chain_id, one.tx), []).append(one)


def mixed(
    patterns: Iterable[Pattern],
    facts: Iterable[Fact],
    transaction: Callable[[str, str], Sequence[Transfer]],
    *,
    decisions: Mapping[str, Decision],
) -> Mixed:
    """Return what findings on notes of mixer pools come to, with a person's decisions."""
    notes = {one.id: one for one in facts if one.kind in (*_IN, *_OUT)}
    return Notes(notes, transaction, decisions).of(patterns) if notes else Mixed()


def _protocol(note: Fact) -> str:
    return RAILGUN if note.kind in _RAILGUN else TORNADO


def _accepted(one: Crossed, word: Decision) -> Crossed:
    figures = (*one.figures, ("accepted_by", word.who), ("reason", word.why))
    return Crossed(
        one.protocol, one.key, one.cls, one.by, one.links, one.fee, one.gap, figures=figures
    )  # fmt: skip
