"""What moves in one TRON transaction, as transfers: one way to name each, whoever tells of it.

Positions are made from what every source has: ``fee``; ``value`` and ``value token`` (what the transaction's
one contract pays); ``reward``; ``internal 3`` and ``internal 3.1`` (the place in the node's list of internal
transactions, and in its list of values); ``log 2`` (the place in the transaction's own list of logs).

Staked coin stays its owner's: freezing, unfreezing and withdrawing it are no transfers, so an account's
balance is what it can spend and what it has staked. Lent resources are no coin. Voting rewards are new coin.

The functions take the node's own objects, whoever carries them: the ``value`` of a contract's parameter, an
internal transaction, a log. Numbers may be text, and a number that is left out is zero. An address may be
written as the node does (``41`` and 40 hexadecimal digits), without its first byte, or in base58.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from base58_bech32.base58 import b58decode_check, b58encode_check

from flowtrace.errors import InputError
from flowtrace.fetch.evm.logs import TRANSFER
from flowtrace.model import Address, Amount, Asset, Basis, Chain, Fact, Kind, Leg, Transfer, read_units

Row = Mapping[str, Any]
Tokens = Mapping[str, tuple[str, int]]
_VALUE, _VALUE_TOKEN, _INTERNAL, _TOKEN = 1, 2, 10, 1_000_000
_MOST_PLACES = 100_000  # of logs or internal transactions in one transaction: far above what energy buys
_HEX = re.compile(r"(?:0x)?(?:41)?([0-9a-fA-F]{40})")
_WORD = re.compile(r"[0-9a-fA-F]{64}")
_TRC10 = re.compile(r"[0-9]{7,12}")
_VERSION = b"\x41"
KNOWN = {
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": ("USDT", 6),
    "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8": ("USDC", 6),
}
"""Tokens that are what they say: symbol and decimals by their contract."""
_CARRIES = ("call", "create", "suicide")
_REWARD_NOTE = "withdrawReward"
STAKING = frozenset({
    "CancelAllUnfreezeV2Contract", "FreezeBalanceContract", "FreezeBalanceV2Contract",
    "UnfreezeBalanceContract", "UnfreezeBalanceV2Contract", "WithdrawExpireUnfreezeContract",
})  # fmt: skip
"""Contracts that move coin between what an account can spend and what it has staked."""
_STILL = STAKING | {
    "AccountCreateContract", "AccountPermissionUpdateContract", "AccountUpdateContract", "ClearABIContract",
    "DelegateResourceContract", "ProposalApproveContract", "ProposalCreateContract",
    "ProposalDeleteContract", "SetAccountIdContract", "UnDelegateResourceContract", "UpdateAssetContract",
    "UpdateBrokerageContract", "UpdateEnergyLimitContract", "UpdateSettingContract", "VoteAssetContract",
    "VoteWitnessContract", "WitnessCreateContract", "WitnessUpdateContract",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """What moves, the names of what moves value in a way that is not read, and what is recorded beside."""

    transfers: tuple[Transfer, ...] = ()
    unread: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class TronTransaction:
    """Where a transaction stands, and whether it succeeded."""

    chain: Chain
    hash: str
    height: int
    index: int
    time: int
    ok: bool = True

    def fee(self, payer: Address, units: int) -> Transfer:
        """Return all it cost in coin: bandwidth and energy burnt, a new account, a memo, more signatures."""
        asset = Asset.native(self.chain)
        return self.move(Kind.FEE, "fee", 0, legs=(payer, None, Amount(asset, units)))

    def move(
        self, kind: Kind, position: str, order: int, *, legs: tuple[Address | None, Address | None, Amount]
    ) -> Transfer:
        """Return a transfer from one to one."""
        source, target, amount = legs
        return Transfer(
            chain_id=self.chain.id,
            tx=self.hash,
            position=position,
            height=self.height,
            index=self.index,
            order=order,
            time=self.time,
            kind=kind,
            basis=Basis.RECORDED,
            ok=self.ok,
            inputs=(Leg(source, amount.asset, amount.units),),
            outputs=(Leg(target, amount.asset, amount.units),),
        )

    def trc10(self, number: object, units: int) -> Amount | None:
        """Return units of a TRC-10 token, named by its number, or by that number's digits in hexadecimal.

        None where it is named in words: before 2019 any token could take any name.
        """
        try:
            digits = bytes.fromhex(str(number)).decode("ascii")
        except ValueError:
            digits = ""
        for name in (digits, str(number)):
            if _TRC10.fullmatch(name):
                return Amount(Asset(self.chain.id, f"trc10:{name}", "", 0), units)
        return None


def address_of(chain: Chain, text: object) -> Address:
    """Read an address in any of its three spellings.

    >>> address_of(Chain.of("tron"), "41a614f803b6fd780986a42c78ec9c7f77e6ded13c").account
    'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'
    """
    if not isinstance(text, str):
        raise InputError(f"{text!r:.80} is not an address on {chain.name}")
    found = _HEX.fullmatch(text)
    if found:
        text = b58encode_check(_VERSION + bytes.fromhex(found[1])).decode()
    return Address.parse(chain, text)


def hex_of(address: Address) -> str:
    """Return an address as the node writes it.

    >>> hex_of(Address.parse("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"))
    '41a614f803b6fd780986a42c78ec9c7f77e6ded13c'
    """
    return b58decode_check(address.account).hex()


def whole(row: Row, key: str) -> int:
    """Return a field that counts something; zero where it is left out."""
    found = row.get(key, 0)
    if isinstance(found, str):
        found = read_units(found)
    if type(found) is not int or found < 0:
        raise InputError(f"{key} is {found!r:.80}, not a number from 0 up")
    return found


def contract_moves(at: TronTransaction, name: str, value: Row, *, results: Row | None = None) -> Moved:
    """Return what a transaction's contract pays, its fee apart.

    Parameters
    ----------
    name
        The contract's type, such as ``TransferContract``.
    value
        The value of the contract's parameter.
    results
        What the node's information about the transaction says: ``contract_address``, ``withdraw_amount``.

    Raises
    ------
    InputError
        If a field is not what it must be.
    """
    if not at.ok or name in _STILL:
        return Moved()
    reader = _CONTRACTS.get(name)
    return Moved(unread=(name,)) if reader is None else reader(at, value, results or {})


def succeeded(info: Row) -> bool:
    """Return whether a transaction did, by the node's information about it."""
    receipt = info.get("receipt")
    result = receipt.get("result") if isinstance(receipt, dict) else None
    return info.get("result") != "FAILED" and result in (None, "DEFAULT", "SUCCESS")


def info_moves(at: TronTransaction, info: Row, *, tokens: Tokens = MappingProxyType({})) -> Moved:
    """Return what contracts pay and what logs say in the course of a transaction.

    ``info`` is the node's information about it, with ``internal_transactions`` and ``log``.
    """
    found = [internal_moves(at, n, row) for n, row in enumerate(_rows(info, "internal_transactions"))]
    logs = [one for n, row in enumerate(_rows(info, "log")) for one in log_moves(at, n, row, tokens=tokens)]
    paid = [transfer for one in found for transfer in one.transfers]
    return Moved((*paid, *logs), tuple(name for one in found for name in one.unread))


def internal_moves(at: TronTransaction, place: int, row: Row) -> Moved:
    """Return what one internal transaction pays; ``place`` is its index in the transaction's list.

    ``row`` has ``caller_address``, ``transferTo_address``, ``callValueInfo`` (``callValue``, and ``tokenId``
    where it is a TRC-10 token's), ``note`` (in hexadecimal) and ``rejected``. The node marks all that a
    revert undid as rejected. Notes other than of calls, creations and self-destructions tell of staking and
    lending, with amounts that did not move, except for a reward.
    """
    place = _place(place)
    if not at.ok or row.get("rejected") is True:
        return Moved()
    name, values = _note(row), _rows(row, "callValueInfo")
    if name not in (*_CARRIES, _REWARD_NOTE) or not any(whole(paid, "callValue") for paid in values):
        return Moved()  # what pays nothing need not say to whom
    target = address_of(at.chain, row.get("transferTo_address"))
    source = None if name == _REWARD_NOTE else address_of(at.chain, row.get("caller_address"))
    kind = Kind.MINT if source is None else Kind.INTERNAL
    transfers, unread = [], []
    for part, paid in enumerate(values):
        units = whole(paid, "callValue")
        if not units or source == target:
            continue
        amount = _paid(at, paid.get("tokenId"), units)
        if amount is None:
            unread.append("a TRC-10 token without a number")
            continue
        position = f"internal {place}" if part == 0 else f"internal {place}.{part}"
        transfers.append(at.move(kind, position, _INTERNAL + place, legs=(source, target, amount)))
    return Moved(tuple(transfers), tuple(unread))


def log_moves(
    at: TronTransaction, place: int, row: Row, *, tokens: Tokens = MappingProxyType({})
) -> tuple[Transfer, ...]:
    """Return what one log says moved: a TRC-20 amount or a TRC-721 item; none where it says something else.

    ``place`` is its index in the transaction's list; ``row`` has ``address``, ``topics`` and ``data``. A log
    is what a contract chose to say: an asset is its contract, and a balance is what decides. ``tokens`` gives
    contracts' symbols and decimals, for display.
    """
    place = _place(place)
    topics = row.get("topics") or ()
    data = str(row.get("data") or "").removeprefix("0x")
    if not at.ok or not isinstance(topics, Sequence) or isinstance(topics, str):
        return ()
    words = [str(topic).lower().removeprefix("0x") for topic in topics]
    if not words or words[0] != TRANSFER[2:] or not all(_WORD.fullmatch(word) for word in words):
        return ()
    contract = address_of(at.chain, row.get("address"))
    if len(words) == 3 and _WORD.fullmatch(data):  # noqa: PLR2004  the event, the giver, the taker
        symbol, decimals = KNOWN.get(contract.account) or tokens.get(contract.account, ("", 0))
        asset = Asset.token(contract, symbol, decimals, standard="trc20")
        amount = Amount(asset, int(data, 16))
    elif len(words) == 4 and not data:  # noqa: PLR2004  and the item
        reference = f"trc721:{contract.account}/{int(words[3], 16)}"
        amount = Amount(Asset(at.chain.id, reference, "", 0), 1)
    else:
        return ()
    source, target = (address_of(at.chain, word[-40:]) for word in words[1:3])
    legs = (source, target, amount)
    return (at.move(Kind.TOKEN, f"log {place}", _TOKEN + place, legs=legs),) if amount.units else ()


def _place(place: int) -> int:
    if not 0 <= place < _MOST_PLACES:
        raise InputError(f"a log or internal transaction at place {place} of its list")
    return place


def _note(row: Row) -> str:
    """Return what kind of internal transaction it is; a call where it does not say."""
    text = row.get("note") or ""
    try:
        return bytes.fromhex(str(text)).decode("ascii") or _CARRIES[0]
    except ValueError:
        return str(text)


def _rows(row: Row, key: str) -> list[Row]:
    found = row.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InputError(f"{key} is not a list of objects")
    return found


def _paid(at: TronTransaction, token: object, units: int) -> Amount | None:
    return at.trc10(token, units) if token else Amount(Asset.native(at.chain), units)


def _paid_by_call(at: TronTransaction, value: Row, *, parties: tuple[Address, Address], zero: bool) -> Moved:
    """Return the coin and the TRC-10 token that a call carries; ``zero``: the coin even where it is none."""
    transfers, unread = [], []
    coin, token = whole(value, "call_value"), whole(value, "call_token_value")
    if coin or zero:
        legs = (*parties, Amount(Asset.native(at.chain), coin))
        transfers.append(at.move(Kind.VALUE, "value", _VALUE, legs=legs))
    if token:
        amount = at.trc10(value.get("token_id"), token)
        if amount is None:
            unread.append("a TRC-10 token without a number")
        else:
            transfers.append(at.move(Kind.VALUE, "value token", _VALUE_TOKEN, legs=(*parties, amount)))
    return Moved(tuple(transfers), tuple(unread))


def _transfer(at: TronTransaction, value: Row, _: Row) -> Moved:
    amount = Amount(Asset.native(at.chain), whole(value, "amount"))
    legs = (address_of(at.chain, value.get("owner_address")), address_of(at.chain, value.get("to_address")))
    return Moved((at.move(Kind.VALUE, "value", _VALUE, legs=(*legs, amount)),))


def _transfer_asset(at: TronTransaction, value: Row, _: Row) -> Moved:
    amount = at.trc10(value.get("asset_name"), whole(value, "amount"))
    if amount is None:
        return Moved(unread=("a TRC-10 token without a number",))
    legs = (address_of(at.chain, value.get("owner_address")), address_of(at.chain, value.get("to_address")))
    return Moved((at.move(Kind.VALUE, "value", _VALUE, legs=(*legs, amount)),))


def _trigger(at: TronTransaction, value: Row, _: Row) -> Moved:
    parties = (
        address_of(at.chain, value.get("owner_address")),
        address_of(at.chain, value.get("contract_address")),
    )
    return _paid_by_call(at, value, parties=parties, zero=True)


def _create(at: TronTransaction, value: Row, results: Row) -> Moved:
    made = value.get("new_contract")
    if not isinstance(made, dict):
        raise InputError("a creation without its contract")
    carried = {"call_value": made.get("call_value", 0), "call_token_value": value.get("call_token_value", 0)}
    if not any(whole(carried, key) for key in carried):
        return Moved()
    target = results.get("contract_address")
    if target is None:
        return Moved(unread=("what a created contract was given",))
    parties = (address_of(at.chain, value.get("owner_address")), address_of(at.chain, target))
    return _paid_by_call(at, {**carried, "token_id": value.get("token_id")}, parties=parties, zero=False)


def _reward(at: TronTransaction, value: Row, results: Row) -> Moved:
    if "withdraw_amount" not in results:
        return Moved(unread=("a reward whose amount is not told",))
    amount = Amount(Asset.native(at.chain), whole(results, "withdraw_amount"))
    target = address_of(at.chain, value.get("owner_address"))
    return Moved((at.move(Kind.MINT, "reward", _VALUE, legs=(None, target, amount)),))


_CONTRACTS: Mapping[str, Callable[[TronTransaction, Row, Row], Moved]] = {
    "TransferContract": _transfer,
    "TransferAssetContract": _transfer_asset,
    "TriggerSmartContract": _trigger,
    "CreateSmartContract": _create,
    "WithdrawBalanceContract": _reward,
}
