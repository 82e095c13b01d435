"""Etherscan and its dialects (Blockscout, Routescan): an address's history from three lists, and checks.

What ``txlist`` shows: top-level transactions an address sent or received, failed ones too.
``txlistinternal``: coin that contracts paid it or took from it. ``tokentx``: moves of ERC-20 tokens, without
their log's index; of coin that is wrapped it does not tell aright, so that is asked for by its logs. What
none shows: the chain's own payments (block rewards, withdrawals of staked coin), what a rollup charges for
its data, and for some services traces that they index late. So the history is checked: outgoing nonces
against each other, and the sums of all moves against the balances the service states, where nothing moved
since.
"""

from __future__ import annotations

from flowtrace.errors import InputError, ReorgError, SourceError
from flowtrace.fetch.evm.block import Mined, header_of, receipt_of, sent_of
from flowtrace.fetch.evm.facts import facts
from flowtrace.fetch.evm.fields import quantity, row, word
from flowtrace.fetch.evm.node import read
from flowtrace.fetch.explorer import checks as check
from flowtrace.fetch.explorer.lists import SCOPES, AddressList, proxied
from flowtrace.fetch.explorer.wraps import Wraps
from flowtrace.fetch.jsonrpc import result
from flowtrace.fetch.paging import walk
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Asking, Batch, Pin, Together
from flowtrace.model import Address, Answer, Coverage


def head(provider: Provider) -> Asking[Pin]:
    """Ask for the block so many below the newest that it counts as final."""
    answer: Answer = yield proxied(provider, "eth_blockNumber")
    newest = read(answer, lambda found: quantity({"it": found}, "it"))
    height = max(0, newest - provider.depth)
    answer = yield proxied(provider, "eth_getBlockByNumber", tag=hex(height), boolean="false")
    return read(answer, lambda found: _pin(provider, height, found))


def _pin(provider: Provider, height: int, found: object) -> Pin:
    block = row(found)
    if quantity(block, "number") != height:
        raise InputError(f"block {quantity(block, 'number')} stands for {height}")
    return Pin(provider.chain.id, height, word(block, "hash"), quantity(block, "timestamp"))


def block(provider: Provider, height: int) -> Asking[str]:
    """Ask for the hash of the block at a height.

    Raises
    ------
    SourceError
        If the service has none there.
    """
    answer: Answer = yield proxied(provider, "eth_getBlockByNumber", tag=hex(height), boolean="false")
    if result(answer) is None:
        raise SourceError(f"{provider.id} has no block {height}")
    return read(answer, lambda found: _pin(provider, height, found).hash)


def transaction(provider: Provider, tx: str) -> Asking[None]:
    """Ask for one transaction: what it pays and what its logs say. What contracts paid takes a trace.

    Raises
    ------
    SourceError
        If the service does not know the transaction, or has it in no block yet.
    """
    tx = tx.lower()
    answer: Answer = yield proxied(provider, "eth_getTransactionByHash", txhash=tx)
    sent = read(answer, lambda found: None if found is None else sent_of(found, tx))
    if sent is None or "blockNumber" not in sent:
        raise SourceError(f"transaction {tx} is not known to {provider.id}, or not in a block yet")
    answer = yield proxied(provider, "eth_getTransactionReceipt", txhash=tx)
    receipt = read(answer, lambda found: None if found is None else receipt_of(found, sent))
    if receipt is None:
        raise SourceError(f"{provider.id} has no receipt of transaction {tx} yet")
    asked = proxied(provider, "eth_getBlockByNumber", tag=sent["blockNumber"], boolean="false")
    last: Answer = yield asked
    header = read(last, lambda found: header_of(row(found), last.number, whole=False))
    for told in (sent, receipt):
        if (quantity(told, "blockNumber"), word(told, "blockHash")) != (header.height, header.hash):
            raise ReorgError(f"transaction {tx} is told to be in two blocks: the chain was rewritten", 0)
    mined = Mined(sent, receipt, header, answer)
    moves = mined.moves(provider.chain, ok=mined.status is not False)
    yield Batch(tuple(moves), answer.number, header.named, tuple(facts(mined, provider.chain)))


def history(provider: Provider, address: Address, pin: Pin) -> Asking[tuple[Coverage, ...]]:
    """Ask for the three lists of an address, side by side, for wraps, and for what they can be checked by."""
    lists = [AddressList(provider, address, action) for action in SCOPES]
    yield Together(tuple(_walked(one, pin) for one in lists))
    external, internal, token = lists
    wraps = Wraps(external, internal, token, pin)
    entire, wrapped = yield from wraps.run()
    sums, balance = yield from check.coin(external, internal, pin)
    counted, nonces = check.nonces(external, proved=sums is True)
    held, balances = yield from check.tokens(token, pin, wraps)
    alike = yield from check.repeated(token)
    agrees, traced = sums is not False, sums is True or not internal.partial
    paged = "paged to its proved end; of ERC-20 tokens alone, not of numbered items"
    return (
        external.coverage(pin, check.words(nonces, balance), complete=agrees and counted is not False),
        internal.coverage(pin, balance, complete=agrees and traced),
        token.coverage(
            pin, check.words(paged, wrapped, balances, alike), complete=entire and held is not False
        ),
    )


def _walked(one: AddressList, pin: Pin) -> Asking[None]:
    yield from walk(one, 0, pin.height)
