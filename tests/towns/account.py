"""Toytown's accounts: one named case for every heuristic of the account room, and an innocent look-alike."""

from __future__ import annotations

from dataclasses import replace

from flowtrace.ledger import Ledger
from flowtrace.model import Address, Asset, Fact, FactKind, Kind, Price
from towns.deeds import START, deed, moved, solana, town, tron
from towns.named import NamedCase
from toytown import (
    ACME_HOT,
    ALICE,
    CAROL,
    DEX,
    ETH,
    GAS,
    HALF_KNOWN,
    IDA,
    JON,
    KNOWN,
    MALLORY,
    ONE,
    PAID,
    USDC,
    WORLD,
    Pay,
    ledger_of,
    who,
    world,
)

_SPENT_ELSEWHERE = replace(PAID["sweep-2"], name="own-spending", target=CAROL)
TOKEN = Asset.token(who("a new token"), "NEW", 18)
DROPPER, COLLECTOR, BOSS = who("dropper"), who("collector"), who("boss")
KIDS = tuple(who(f"kid {number}") for number in range(1, 4))
TETHER = Asset.token(tron("usdt"), "USDT", 6)
RECIPIENTS = 1_000
SALTS = tuple(f"0x{number:064x}" for number in range(3))
INIT = "0x" + 64 * "a"


def airdrop(collector: Address, gathered: int = 3, recipients: int = RECIPIENTS) -> Ledger:
    """Return an airdrop, some of whose shares are passed on to one address."""
    people = [who(f"recipient {number}") for number in range(recipients)]
    pays = [Pay(f"drop-{n}", DROPPER, one, 50, asset=TOKEN) for n, one in enumerate(people)]
    pays += [Pay(f"pass-{n}", people[n], collector, 50, asset=TOKEN) for n in range(gathered)]
    return ledger_of(pays)


def made(*creators: Address) -> Ledger:
    """Return contracts of one code, the nth made by the nth creator."""
    facts = [
        deed(FactKind.CREATION, f"make-{n}", ("creator", one), ("contract", who(f"made {n}")),
             code=INIT, salt=SALTS[n])
        for n, one in enumerate(creators)
    ]  # fmt: skip
    return town(facts=facts)


def funded(boss: Address, *units: int, known: bool = True) -> Ledger:
    """Return new addresses that somebody funds, with a payment to a shop after each."""
    pays = [
        pay
        for n, one in enumerate(units)
        for pay in (Pay(f"fund-{n}", boss, KIDS[n], one), Pay(f"other-{n}", boss, who(f"shop {n}"), n + 1))
    ]
    return town(pays, known=[boss, *KIDS] if known else [])


def gassed(before: int) -> Ledger:
    """Return somebody who had so much coin, got tokens, was brought gas, and moved the tokens on."""
    loot = 500_000 * 10**6
    pays = [
        *([Pay("saved", CAROL, KIDS[0], before)] if before else []),
        Pay("loot", MALLORY, KIDS[0], loot, asset=USDC),
        Pay("gas", BOSS, KIDS[0], 10**16),
        Pay("run", KIDS[0], who("next"), loot, asset=USDC),
    ]
    at = START + 1_200
    quotes = [Price(asset, at, usd, at, "toy") for asset, usd in ((ETH, "3000"), (USDC, "1"))]
    return town(pays, known=[KIDS[0]], prices=quotes)


def returned(to: Address) -> Ledger:
    """Return an address that is funded, pays a shop, and sends what it has left to somebody."""
    pays = [
        Pay("fund", BOSS, KIDS[0], ONE),
        Pay("shop", KIDS[0], who("shop"), ONE // 2),
        Pay("rest", KIDS[0], to, ONE - ONE // 2 - 2 * GAS),
    ]
    return town(pays, known=[KIDS[0], BOSS])


def approved(spender: Address, *, friends: bool = True) -> Ledger:
    """Return an approval, between two who paid each other before or not."""
    facts = [deed(FactKind.APPROVAL, "approve", ("owner", IDA), ("spender", spender), height=200, units="5")]
    both = [Pay("hand", IDA, spender, 7), Pay("hand-back", spender, IDA, 5)]
    alone = [Pay("shop-1", IDA, ALICE, 7), Pay("shop-2", spender, ALICE, 5)]
    return town(both if friends else alone, facts)


def lent(apart: int) -> Ledger:
    """Return a lender of energy, and moves of tokens so many blocks after each loan."""
    lender, mule = tron("lender"), tron("mule")
    loans = [
        deed(
            FactKind.RESOURCE,
            f"loan-{n}",
            ("owner", lender),
            ("receiver", mule),
            height=1_000 * n,
            units=f"{n}",
        )
        for n in range(1, 5)
    ]
    moves = [
        moved(
            f"move-{n}",
            mule,
            tron("next"),
            units=10**6,
            asset=TETHER,
            kind=Kind.TOKEN,
            height=1_000 * n + apart,
        )
        for n in range(1, 5)
    ]
    return town(facts=loans, more=moves)


def _only(fact: Fact) -> Ledger:
    return town(facts=[fact])


SETUP = deed(
    FactKind.SAFE_SETUP, "set-up", ("safe", who("safe")), ("owner", IDA), ("owner", JON), threshold="2"
)
ENTRY = ("entry_point", Address(ETH.chain_id, "0x0000000071727de22e5e9d8baf0edac6f37da032"))
SENT = deed(FactKind.USER_OPERATION, "op", ("sender", IDA), ("bundler", who("bundler")), ENTRY, success="1")
SWAPPED = deed(
    FactKind.AUTHORITY, "set", ("account", solana("purse")), ("old", solana("ida")), ("new", solana("thief")),
    type="account_owner",
)  # fmt: skip
PAYS = deed(FactKind.FEE_PAYER, "pays", ("payer", solana("boss")), ("signer", solana("kid")))
RENTS = deed(FactKind.RENT, "rent", ("payer", solana("boss")), ("account", solana("purse")))
ACTIVATES = deed(FactKind.ACTIVATION, "begin", ("payer", tron("boss")), ("account", tron("kid")))
MOVED_KEY = deed(
    FactKind.PERMISSION, "keys", ("owner", tron("ida")), ("key", tron("thief")), permission="owner"
)
DELEGATES = deed(
    FactKind.AUTHORISATION, "sign", ("authority", IDA), ("delegate", who("code")), ("sponsor", JON)
)

CASES = (
    NamedCase(
        "airdrop_participation",
        "shares that somebody pays in at an exchange",
        airdrop(COLLECTOR),
        airdrop(ACME_HOT),
    ),
    NamedCase("create2_service", "two makers use one code", made(BOSS, BOSS), made(BOSS, CAROL)),
    NamedCase(
        "delegated_code",
        "a delegation that is taken back",
        _only(DELEGATES),
        _only(
            replace(
                DELEGATES, parties=(("authority", IDA), ("delegate", Address(IDA.chain_id, "0x" + 40 * "0")))
            )
        ),
    ),
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
    NamedCase(
        "first_funder",
        "an exchange pays out equal amounts",
        funded(BOSS, ONE, ONE),
        funded(ACME_HOT, ONE, ONE),
    ),
    NamedCase("mule_gas", "a present to somebody who could have paid himself", gassed(0), gassed(ONE)),
    NamedCase("returned_change", "what is left goes to a third", returned(BOSS), returned(CAROL)),
    NamedCase(
        "safe_owner",
        "a proxy that is told again to run what it runs",
        _only(SETUP),
        _only(deed(FactKind.IMPLEMENTATION, "again", ("proxy", BOSS), ("old", IDA), ("new", IDA))),
    ),
    NamedCase(
        "self_authorisation", "everybody approves an exchange's contract", approved(JON), approved(DEX)
    ),
    NamedCase("service_stop", "the same payments to wallets nobody labels", world(), ledger_of(())),
    NamedCase(
        "solana_authority",
        "the right to mint changes hands",
        _only(SWAPPED),
        _only(replace(SWAPPED, figures=(("type", "mint_tokens"),))),
    ),
    NamedCase(
        "solana_fee_payer",
        "somebody signs alone, for himself",
        _only(PAYS),
        _only(replace(PAYS, parties=(("payer", solana("boss")), ("signer", solana("boss"))))),
    ),
    NamedCase(
        "solana_rent",
        "somebody's own account gives its rent back to itself",
        _only(RENTS),
        _only(deed(FactKind.CLOSED, "close", ("account", solana("purse")), ("destination", solana("purse")))),
    ),
    NamedCase(
        "tron_activation",
        "a shop that activates many accounts",
        _only(ACTIVATES),
        town(
            facts=[
                deed(
                    FactKind.ACTIVATION, f"begin-{n}", ("payer", tron("boss")), ("account", tron(f"kid {n}"))
                )
                for n in range(21)
            ]
        ),
    ),
    NamedCase(
        "tron_permission",
        "an account lists its own key",
        _only(MOVED_KEY),
        _only(replace(MOVED_KEY, parties=(("owner", tron("ida")), ("key", tron("ida"))))),
    ),
    NamedCase("tron_resource", "energy lent long before anything is moved", lent(10), lent(500)),
    NamedCase(
        "user_operation",
        "an account signs and pays for its own transaction",
        _only(SENT),
        _only(deed(FactKind.GAS, "own", ("payer", IDA), price="1")),
    ),
)
