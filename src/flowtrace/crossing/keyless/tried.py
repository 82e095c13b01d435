"""Deposits at swappers tried against all that those paid out, in every asset, and what came of it.

A deposit may be paid out in any asset. The limit on coincidences is shared by the assets tried, and the
evidence of all of them is weighed together, so that trying more makes no claim likelier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flowtrace.crossing.keyless.card import CARD, USUAL
from flowtrace.crossing.keyless.habit import Habit
from flowtrace.crossing.keyless.match import CLEAR, LIMIT, Candidate, Deposit, Matched, match
from flowtrace.crossing.keyless.placebo import placebo
from flowtrace.crossing.keyless.rates import Rates, Worth
from flowtrace.crossing.keyless.record import Place, Record, Records
from flowtrace.model import Amount, Asset, Class, Crossed, Likely, Link, Standing

BY = f"{CARD.id}/{CARD.version}"
Figures = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment of traced value to a swapper; ``why`` says what keeps it from being tried."""

    place: Place
    service: str
    time: int
    amount: Amount
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: the claims as crossings, and all that is to be listed."""

    made: tuple[Crossed, ...] = ()
    likely: tuple[Likely, ...] = ()


@dataclass
class _Try:
    """One payment: per asset what it was worth there, and how it was matched."""

    paid: Paid
    worth: dict[Asset, Worth] = field(default_factory=dict)
    matched: dict[Asset, Matched] = field(default_factory=dict)
    without: list[Asset] = field(default_factory=list)


@dataclass
class Trial:
    """Tries payments against the record of each swapper.

    Attributes
    ----------
    habits
        By a swapper's id, the habit that was learnt of it.
    follow
        Whether the case says that what is claimed is to be followed.
    """

    records: Records
    rates: Rates
    habits: Mapping[str, Habit] = field(default_factory=dict)
    follow: bool = False
    _said: dict[tuple[str, Asset], tuple[tuple[Paid, ...], str]] = field(default_factory=dict)

    def of(self, payments: Iterable[Paid]) -> Tried:
        """Try payments, all at once: a payout that two of them claim is neither's."""
        by_service: dict[str, list[Paid]] = {}
        for one in sorted(set(payments), key=lambda paid: (paid.service, paid.time, paid.place)):
            by_service.setdefault(one.service, []).append(one)
        made: list[Crossed] = []
        likely: list[Likely] = []
        for service, some in by_service.items():
            record, habit = self.records.of(service), self.habits.get(service, USUAL)
            tries = [self._try(one, record) for one in some]
            self._match(tries, record, habit)
            judged = [(each, *_claim(each, habit)) for each in tries]
            claims = Counter(found[1].payout.id for _, found, _ in judged if found)
            for each, found, why in judged:
                twice = found is not None and claims[found[1].payout.id] > 1
                claimed = None if twice else found
                said = "another deposit claims the same payout" if twice else why
                likely += self._told(each, record, claimed, why=said, tries=tries)
                if claimed is not None and self.follow:
                    made.append(self._crossed(each, record, claimed, tries=tries))
        return Tried(tuple(made), tuple(likely))

    def _try(self, paid: Paid, record: Record) -> _Try:
        one = _Try(paid)
        for asset in () if paid.why else record.payouts:
            if asset == paid.amount.asset:
                continue  # a swapper pays another asset than it took
            worth = self.rates.worth(paid.amount, asset, paid.time)
            if worth is None or not worth.units:
                one.without.append(asset)
            else:
                one.worth[asset] = worth
        return one

    def _match(self, tries: Sequence[_Try], record: Record, habit: Habit) -> None:
        for asset, payouts in record.payouts.items():
            for one in tries:
                if asset in one.worth:
                    limit = LIMIT / len(one.worth)
                    (one.matched[asset],) = match([_deposit(one, asset)], payouts, habit, limit=limit)

    def _told(
        self,
        one: _Try,
        record: Record,
        found: tuple[Asset, Candidate] | None,
        *,
        why: str,
        tries: Sequence[_Try],
    ) -> Iterator[Likely]:
        """Yield the candidates of one payment, the claimed one first; or why there are none."""
        paid = one.paid
        listed = [
            (asset, candidate) for asset, matched in one.matched.items() for candidate in matched.candidates
        ]
        listed.sort(key=lambda item: (item != found, item[1].expected, item[1].payout.id))
        if not listed:
            standing = Standing.CANDIDATE if one.matched else Standing.UNTRIED
            yield Likely(paid.service, BY, standing, paid.place, None, why or _untried(one, record))
        for item in listed:
            standing = Standing.CANDIDATE
            if item == found:
                standing = Standing.FOLLOWED if self.follow else Standing.HELD
            said = "" if item == found else why or "another payout fits better"
            placebo = self._placebo(item[0], record, tries) if item == found else ""
            figures = self._figures(one, *item, placebo=placebo)
            yield Likely(paid.service, BY, standing, paid.place, record.places[item[1].payout.id], said,
                         figures=figures)  # fmt: skip

    def _figures(self, one: _Try, asset: Asset, found: Candidate, *, placebo: str) -> Figures:
        matched, worth = one.matched[asset], one.worth[asset]
        return (
            ("kept_millionths", str(found.kept)),
            ("delay_seconds", str(found.delay)),
            ("expected_coincidences", str(found.expected)),
            ("expected_with_one_more", str(found.bound)),
            ("share", str(found.share)),
            ("candidates", str(sum(len(m.candidates) + m.more for m in one.matched.values()))),
            ("candidates_in_asset", str(len(matched.candidates) + matched.more)),
            ("assets_tried", str(len(one.worth))),
            ("rate", str(worth.rate)),
            ("quotes", worth.words),
            *((("placebo", placebo),) if placebo else ()),
        )

    def _crossed(
        self, one: _Try, record: Record, found: tuple[Asset, Candidate], *, tries: Sequence[_Try]
    ) -> Crossed:
        asset, candidate = found
        got = record.places[candidate.payout.id]
        said = self._placebo(asset, record, tries)
        figures = self._figures(one, asset, candidate, placebo=said)
        link = Link(one.paid.place, got, Class.P, BY)
        return Crossed(one.paid.service, "", Class.P, BY, (link,), gap=candidate.delay, figures=figures)

    def _placebo(self, asset: Asset, record: Record, tries: Sequence[_Try]) -> str:
        """Return what the placebo said of all deposits of a service tried in an asset."""
        some = [one for one in tries if asset in one.worth]
        service, key = some[0].paid.service, tuple(one.paid for one in some)
        held = self._said.get((service, asset))
        if held is None or held[0] != key:
            habit, limit = self.habits.get(service, USUAL), LIMIT / max(len(one.worth) for one in some)
            deposits = [_deposit(one, asset) for one in some]
            words = placebo(deposits, record.payouts[asset], habit, limit=limit).words
            held = self._said[service, asset] = (key, words)
        return held[1]


def _deposit(one: _Try, asset: Asset) -> Deposit:
    name, number = one.paid.place
    return Deposit(f"{name}#{number}", one.paid.time, one.worth[asset].units)


def _claim(one: _Try, habit: Habit) -> tuple[tuple[Asset, Candidate] | None, str]:
    """Return the candidate that is claimed, in whichever asset; else why there is none."""
    found = [(asset, matched.found) for asset, matched in one.matched.items() if matched.found is not None]
    if len(found) > 1:
        return None, "payouts in several assets fit"
    if not found:
        whys = {matched.why for matched in one.matched.values() if matched.candidates}
        whys = whys or {matched.why for matched in one.matched.values()}
        return None, "; ".join(sorted(whys))
    asset, best = found[0]
    own = _weight(one, asset, habit)
    every = sum((_weight(one, each, habit) for each in one.matched), Fraction(0))
    if best.share * own / every < CLEAR:
        return None, "payouts in several assets fit about as well"
    uncovered = [each for each, matched in one.matched.items() if "does not cover" in matched.why]
    if uncovered:
        return None, "the record of payouts in another asset does not cover the time of its payout"
    return (asset, best), ""


def _weight(one: _Try, asset: Asset, habit: Habit) -> Fraction:
    """Return the evidence of all candidates of an asset, in one measure for all assets."""
    matched = one.matched[asset]
    if not matched.candidates:
        return Fraction(0)
    best = matched.candidates[0]
    edges = habit.edges(matched.deposit.worth)
    return habit.density[habit.cell(edges, best.payout.units, best.delay)] / best.share


def _untried(one: _Try, record: Record) -> str:
    if one.paid.why:
        return one.paid.why
    if not record.wallets:
        return "no wallet of the service is on the ledger: fetch or import its labelled wallets"
    if not record.payouts:
        return "no wallet of the service that pays out is known whole for any time"
    if one.without:
        named = ", ".join(asset.unit for asset in one.without[:3])
        return f"no price is held within an hour of it for both its asset and one paid out ({named})"
    return "the service paid out nothing but the asset that it took"
