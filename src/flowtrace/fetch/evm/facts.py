"""What a mined transaction records beside the value it moves, from what was sent and its receipt."""

from __future__ import annotations

from eth_hash.auto import keccak

from flowtrace.fetch.evm.authority import authorisations
from flowtrace.fetch.evm.block import Mined
from flowtrace.fetch.evm.fields import quantity
from flowtrace.model import Address, Chain, Fact, FactKind
from flowtrace.moves.facts import fact, of_log

_MIXED = (FactKind.MIXER_DEPOSIT, FactKind.MIXER_WITHDRAWAL)


def facts(mined: Mined, chain: Chain) -> list[Fact]:
    """Return the facts of a transaction; none where it failed, or does not say whether it did.

    What it paid for its gas is told only where it pays into a mixer or out of one: there it has been used to
    link the two.
    """
    if mined.status is not True:
        return []
    at, sender = mined.at(chain, ok=True), Address.parse(chain, mined.sender)
    told = (of_log(at, sender, log) for log in mined.receipt["logs"])
    found = [one for one in told if one is not None]
    if not mined.sent.get("to"):
        parties = [("creator", sender), ("contract", Address.parse(chain, mined.target))]
        code = keccak(bytes.fromhex(str(mined.sent.get("input") or "0x")[2:])).hex()
        found.append(fact(at, FactKind.CREATION, 0, parties=parties, figures=[("code", code)]))
    for number, (signer, delegate, on) in enumerate(authorisations(mined.sent)):
        parties = [("authority", Address.parse(chain, signer)), ("delegate", Address.parse(chain, delegate))]
        parties.append(("sponsor", sender))
        figures = [("chain", str(on))]
        found.append(fact(at, FactKind.AUTHORISATION, number, parties=parties, figures=figures))
    if any(one.kind in _MIXED for one in found):
        found.append(fact(at, FactKind.GAS, 0, parties=[("payer", sender)], figures=_gas(mined)))
    return found


def naming(mined: Mined, address: Address) -> tuple[Fact, ...]:
    """Return the facts of a transaction that name an address, or that stand beside one that does.

    What bridges wrote in it names no one, and belongs to all whom the transaction concerns.
    """
    found = facts(mined, address.chain)
    named = any(address == party for one in found for _, party in one.parties)
    return tuple(
        one
        for one in found
        if one.kind is FactKind.MESSAGE
        or (named and (one.kind is FactKind.GAS or address in dict(one.parties).values()))
    )


def _gas(mined: Mined) -> list[tuple[str, str]]:
    if mined.sent.get("maxFeePerGas") is None:
        return [("price", str(quantity(mined.sent, "gasPrice")))] if "gasPrice" in mined.sent else []
    names = (("fee", "maxFeePerGas"), ("priority", "maxPriorityFeePerGas"))
    return [(name, str(quantity(mined.sent, key))) for name, key in names]
