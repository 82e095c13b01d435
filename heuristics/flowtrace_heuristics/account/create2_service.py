"""Contracts that one maker put up of one code belong to one service (EIP-1014); their users do not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eth_hash.auto import keccak

from flowtrace.heuristic import Attribution, by, heuristic
from flowtrace.ledger import Ledger
from flowtrace.model import Address, Class, Fact, Family, Finding, Nature, Pattern, RuleCard
from flowtrace_heuristics.account.forwarders import made_alike

_SHOWN = 50
_WORD = re.compile(r"0x[0-9a-fA-F]{64}")

CARD = RuleCard(
    id="create2_service",
    version=1,
    claim=(
        "Contracts that one maker puts up by CREATE2, of one code, belong to one service: a shop of "
        "forwarders or of wallets. That says nothing of one owner: every user of the service has one."
    ),
    cls=Class.D,
    citation="EIP-1014, skinny CREATE2",
    parameters=(("contracts", "2"),),
    failures=(
        "no source that flowtrace asks tells salts yet: only facts from elsewhere that state them are read",
        "a maker that anybody may call, with code that takes no parameter, serves strangers to each other",
    ),
    falsified_by="an address does not follow from its maker, salt and code, where all three are told",
    nature=Nature.PROTOCOL,
    chains=(Family.EVM,),
)


def create2(deployer: Address, salt: str, code: str) -> Address:
    """Return the address of a contract by its maker, salt and the hash of its init code.

    Examples
    --------
    >>> nobody = Address("eip155:1", "0x" + 40 * "0")
    >>> create2(nobody, "0x" + 64 * "0", "0x" + keccak(bytes(1)).hex()).account
    '0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38'
    """
    told = (deployer.account, salt, code)
    made = keccak(b"\xff" + b"".join(bytes.fromhex(part[2:]) for part in told))
    return Address(deployer.chain_id, "0x" + made[12:].hex())


@heuristic(CARD)
def create2_service(ledger: Ledger, attribution: Attribution) -> Iterator[Finding]:
    """Yield each service: its maker, and the contracts of one code that it made."""
    del attribution
    for (maker, code), made in sorted(made_alike(ledger).items()):
        contracts = dict(made)
        if len(contracts) > 1:
            proved = sum(_follows(maker, fact, contract) for contract, fact in contracts.items())
            counts = (("contracts", str(len(contracts))), ("addresses_recomputed", str(proved)))
            figures = (*counts, ("code", code))
            because = tuple(fact.id for _, fact in made[:_SHOWN])
            shown = (maker, *sorted(contracts)[:_SHOWN])
            words = f"{len(contracts)} contracts of one code by one maker: one service, not one owner"
            yield Pattern("one service", shown, by(CARD), because, Class.D, figures, words)


def _follows(maker: Address, fact: Fact, contract: Address) -> bool:
    """Tell whether an address follows from maker, salt and the hash of init code."""
    salt, code = fact.figure("salt"), fact.figure("code")
    return bool(_WORD.fullmatch(salt) and _WORD.fullmatch(code)) and create2(maker, salt, code) == contract
