"""Exchange hopping: into one exchange, out of it, and into another, all within a day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Category, Class, Finding, Pattern, Role, RoleName, RuleCard
from flowtrace_heuristics.account.deposit_reuse import deposit_reuse
from flowtrace_heuristics.pattern.moves import UNSURE_ROUNDS, Moves, moves_of, named, shown

WINDOW = 24 * 3600
WITHDRAWN_PERCENT = 95
DEPOSITED_PERCENT = 90
MOST_TRIED = 256  # withdrawals, and payments of a customer, looked at after each deposit

CARD = RuleCard(
    id="exchange_hopping",
    version=2,
    claim=(
        "Within 24 hours value was deposited at one exchange and at another: either the same address paid "
        "both; or exactly one withdrawal from a labelled wallet of the first, of 95 to 100 % of the deposit "
        "in the same asset, went to an address that paid 90 % of it or more to the second."
    ),
    cls=Class.P,
    citation=(
        "FATF 2020, Virtual Assets Red Flag Indicators of Money Laundering and Terrorist Financing (moving "
        "assets among several VASPs at once); the matched withdrawal after Yousaf et al. 2019, Tracing "
        "Transactions Across Cryptocurrency Ledgers, USENIX Security; flowtrace patterns 4.8, 5.4"
    ),
    parameters=(
        ("window_seconds", str(WINDOW)),
        ("withdrawn_at_least_percent", str(WITHDRAWN_PERCENT)),
        ("deposited_at_least_percent_of_withdrawn", str(DEPOSITED_PERCENT)),
        ("payments_tried_at_most", str(MOST_TRIED)),
    ),
    failures=(
        UNSURE_ROUNDS,
        "an arbitrageur, or anybody with two accounts, pays two exchanges on one day",
        "a withdrawal that matches by amount and time may be another customer's",
        "where the exchange's withdrawals are not whole on record, a single match says less",
        "an exchange that pays oftener within a day than is looked at gives no matched withdrawal",
    ),
    falsified_by="the first exchange states that the withdrawal was of another account",
    needs=("coinjoin", "deposit_reuse"),
)


@dataclass(frozen=True, slots=True)
class _World:
    """What the reading looks at: the moves, whose exchange each address is, which are its wallets."""

    ledger: Ledger
    moves: Moves
    exchange: Mapping[int, str]
    wallets: Mapping[tuple[str, int], tuple[int, ...]]


@heuristic(CARD)
def exchange_hopping(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield for each deposit its hop to another exchange, by the same payer or by a withdrawal."""
    world = _world(ledger, attribution)
    moves, exchange = world.moves, world.exchange
    if len(set(exchange.values())) < 2:  # noqa: PLR2004  one exchange and another
        return
    for move in range(len(moves)):
        name = exchange.get(moves.target[move])
        if name is None or moves.source[move] in exchange:
            continue
        second = _next_deposit(world, moves.source[move], move, least=0)
        if second is not None and exchange[moves.target[second]] != name:
            yield _pattern(world, (move, second), "the same payer")
        drawn = _withdrawal(world, move, name)
        if drawn is None:
            continue
        least = moves.units[drawn] * DEPOSITED_PERCENT
        second = _next_deposit(world, moves.target[drawn], drawn, least=least, end=moves.time[move] + WINDOW)
        if second is not None and exchange[moves.target[second]] != name:
            yield _pattern(world, (move, drawn, second), "a matched withdrawal")


def _world(ledger: Ledger, attribution: Attribution) -> _World:
    moves = moves_of(ledger, attribution)
    exchange: dict[int, str] = {}
    wallets: dict[tuple[str, int], list[int]] = {}
    for number, address in enumerate(ledger.addresses):
        label = attribution.service(address)
        if label is not None and label.category is Category.EXCHANGE and label.entity is not None:
            exchange[number] = label.entity.id
    for move in range(len(moves)):
        name = exchange.get(moves.source[move])
        if name is not None and exchange.get(moves.target[move]) is None:
            wallets.setdefault((name, moves.asset[move]), []).append(move)
    if exchange:
        numbers = {address: number for number, address in enumerate(ledger.addresses)}
        for role in deposit_reuse(ledger, attribution):
            if isinstance(role, Role) and role.role is RoleName.DEPOSIT and role.entity:
                exchange.setdefault(numbers[role.address], role.entity)
    return _World(ledger, moves, exchange, {key: tuple(held) for key, held in wallets.items()})


def _next_deposit(world: _World, payer: int, after: int, *, least: int, end: int | None = None) -> int | None:
    """Return the payer's next payment to any exchange in time, of at least a hundredth of ``least`` units."""
    moves = world.moves
    until = moves.time[after] + WINDOW if end is None else end
    for looked, move in enumerate(moves.sent.after(payer, moves.asset[after], after)):
        if looked >= MOST_TRIED or moves.time[move] > until:
            return None
        if moves.target[move] in world.exchange and moves.units[move] * 100 >= least:
            return move
    return None


def _withdrawal(world: _World, deposit: int, name: str) -> int | None:
    """Return the one withdrawal that may be the deposit's; None where there are two or none."""
    moves = world.moves
    drawn = world.wallets.get((name, moves.asset[deposit]), ())
    begin = bisect_left(drawn, deposit)
    paid, found = moves.units[deposit], []
    for looked, move in enumerate(drawn[begin : begin + MOST_TRIED + 1]):
        if moves.time[move] - moves.time[deposit] > WINDOW:
            break
        if looked == MOST_TRIED:
            return None  # what was not looked at may match as well
        if paid * WITHDRAWN_PERCENT <= moves.units[move] * 100 <= paid * 100:
            found.append(move)
    return found[0] if len(found) == 1 else None


def _pattern(world: _World, way: tuple[int, ...], form: str) -> Pattern:
    moves, exchange = world.moves, world.exchange
    first, last = exchange[moves.target[way[0]]], exchange[moves.target[way[-1]]]
    seconds = moves.time[way[-1]] - moves.time[way[0]]
    figures = (
        ("form", form),
        ("asset", str(world.ledger.assets[moves.asset[way[0]]])),
        ("exchanges", f"{first}, {last}"),
        ("units_first", str(moves.units[way[0]])),
        ("units_second", str(moves.units[way[-1]])),
        ("seconds", str(seconds)),
    )
    addresses = named(world.ledger, [n for move in way for n in (moves.source[move], moves.target[move])])
    detail = f"a deposit at {first}, and {seconds} s later one at {last}, by {form}"
    because = shown(world.ledger, moves, way)
    return Pattern("exchange hopping", addresses, by(CARD), because, Class.P, figures, detail)
