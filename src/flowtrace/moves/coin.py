"""A transaction of a UTXO chain: read from its bytes, and told as one transfer, whoever tells of it.

Every source that knows such a transaction knows the same: the coins it spends, what it pays, and its place in
the chain. So there is one way to write it down, and two sources' words can be compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from flowtrace.errors import InputError
from flowtrace.model import Address, Asset, Basis, Chain, Fact, FactKind, Kind, Leg, Transfer
from flowtrace.moves.form import Form
from flowtrace.moves.messages import memo_of
from flowtrace.moves.scripts import Mweb, address_of, mweb_of

_NO_COIN = (b"\x00" * 32, 0xFFFFFFFF)  # what the transaction that makes new coin names as spent
_WITNESS, _MWEB = 1, 8  # flags behind the marker of a longer form
_MOST_UNITS = 1 << 63

Side = tuple[Address | None, int, str]
"""One input or output: whose it is, its base units, and its coin ``txid:n``."""


def coin_transfer(
    chain: Chain,
    txid: str,
    *,
    height: int,
    index: int,
    time: int,
    inputs: Sequence[Side],
    outputs: Sequence[Side],
) -> Transfer:
    """Return a transaction as a transfer.

    The fee is what the outputs leave of the inputs: a last output to no address, left out where it is zero.
    A transaction without inputs is new coin, as a block's reward: its one input has no address and no coin.

    Parameters
    ----------
    index
        Its place in its block.
    inputs, outputs
        Each in the transaction's own order, none left out: whose it is (None where no address is), its base
        units, and its coin, ``txid:n``.

    Raises
    ------
    InputError
        If the outputs are more than the inputs, or the transaction spends a coin twice.

    Examples
    --------
    >>> chain = Chain.of("bitcoin")
    >>> alice = Address.parse(chain, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    >>> spent, paid = [(alice, 100, "aa:0")], [(None, 90, "bb:0")]
    >>> one = coin_transfer(chain, "bb", height=1, index=1, time=0, inputs=spent, outputs=paid)
    >>> one.outputs[-1].units
    10
    """
    asset = Asset.native(chain)
    coins = [coin for _, _, coin in inputs]
    if len(set(coins)) != len(coins):
        raise InputError(f"transaction {txid} spends a coin twice: no block can hold it")
    gives = [Leg(address, asset, units, coin) for address, units, coin in inputs]
    takes = [Leg(address, asset, units, coin) for address, units, coin in outputs]
    paid = sum(leg.units for leg in takes)
    fee = sum(leg.units for leg in gives) - paid if gives else 0
    if fee < 0:
        raise InputError(f"transaction {txid} pays {-fee} more than it spends: an input is missing or wrong")
    if fee:
        takes.append(Leg(None, asset, fee))
    return Transfer(
        chain_id=chain.id,
        tx=txid,
        position="coin",
        height=height,
        index=index,
        order=0,
        time=time,
        kind=Kind.COIN,
        basis=Basis.RECORDED,
        ok=True,
        inputs=tuple(gives or [Leg(None, asset, paid)]),
        outputs=tuple(takes),
    )


@dataclass(frozen=True, slots=True)
class Output:
    """What a transaction pays to a script."""

    units: int
    script: bytes

    def __post_init__(self) -> None:
        if type(self.units) is not int or not 0 <= self.units < _MOST_UNITS:
            raise InputError(f"an output pays {self.units!r:.40}, which is no amount of coin")


@dataclass(frozen=True, slots=True)
class CoinTransaction:
    """What a transaction says itself: the coins it spends, in order (none where it makes new coin), and pays.

    Where it stands in the chain, and what the coins it spends were worth, others say. ``form`` is how it is
    made, where the record shows that.
    """

    txid: str
    spends: tuple[str, ...]
    outputs: tuple[Output, ...]
    form: Form | None = field(default=None, compare=False)

    def shape(self, chain: Chain, *, height: int, index: int, time: int) -> tuple[Fact, ...]:
        """Return how it is made, and the texts it carries, as facts; none of new coin.

        How it is made is left out where that is not known.
        """
        told: list[tuple[FactKind, int, tuple[tuple[str, str], ...]]] = []
        if self.form is not None and self.spends:
            told.append((FactKind.SHAPE, 0, self.form.figures))
        memos = ((n, memo_of(output.script)) for n, output in enumerate(self.outputs if self.spends else ()))
        told += [(FactKind.MEMO, n, (("text", text),)) for n, text in memos if text]
        return tuple(
            Fact(chain.id, self.txid, height, index, order, time, kind, figures=figures)
            for kind, order, figures in told
        )

    def told(
        self, chain: Chain, spent: Sequence[Output], *, height: int, index: int, time: int
    ) -> Transfer | None:
        """Return it as a transfer; None where nothing moves that anyone could see.

        Litecoin's transaction that carries the confidential pool on is no hop: what it pays to others comes
        from the pool and from no address. What it spends tells it from a forgery: the pool, and coin that
        was paid into it.

        Parameters
        ----------
        spent
            What each of the coins it spends was, in the same order.
        """
        paid = [(address_of(chain, o.script), o.units, self.coin(n)) for n, o in enumerate(self.outputs)]
        if len(spent) != len(self.spends):
            raise InputError(f"transaction {self.txid}: {len(spent)} of {len(self.spends)} inputs are known")
        drawn = [
            (address_of(chain, o.script), o.units, coin)
            for o, coin in zip(spent, self.spends, strict=True)
        ]  # fmt: skip
        if self._carries_pool(chain, spent):
            drawn, paid = [], paid[1:]
            if not paid:
                return None
        return coin_transfer(
            chain, self.txid, height=height, index=index, time=time, inputs=drawn, outputs=paid
        )

    def _carries_pool(self, chain: Chain, spent: Sequence[Output]) -> bool:
        first = self.outputs[0].script if self.outputs else b""
        is_pool = mweb_of(chain, first) is Mweb.POOL
        return is_pool and bool(spent) and all(mweb_of(chain, one.script) for one in spent)

    def coin(self, place: int) -> str:
        """Return the name of the coin that its output at this place is."""
        return f"{self.txid}:{place}"


def read_transaction(raw: bytes) -> CoinTransaction:
    """Read a transaction as a node passes it on, with or without signatures.

    Raises
    ------
    InputError
        If it is cut off, has more behind it, or is of another form.
    """
    bytes_left = Bytes(raw)
    try:
        found = bytes_left.transaction()
    except IndexError:
        raise InputError("a transaction that is cut off") from None
    if bytes_left.at != len(raw):
        raise InputError(f"a transaction with {len(raw) - bytes_left.at} bytes behind it")
    return found


def twice_hashed(data: bytes) -> bytes:
    """Return the hash Bitcoin names things by, first byte first; as text it is written last byte first."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


class Bytes:
    """Bytes of the chain being read; IndexError where they end too soon."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def take(self, size: int) -> bytes:
        """Return the next bytes, so many."""
        found = self.raw[self.at : self.at + size]
        if len(found) < size:
            raise IndexError
        self.at += size
        return found

    def number(self, size: int) -> int:
        """Return the next number, of so many bytes."""
        return int.from_bytes(self.take(size), "little")

    def count(self) -> int:
        """Return the next count; how long it is, its first byte says."""
        first = self.number(1)
        size = {0xFD: 2, 0xFE: 4, 0xFF: 8}.get(first)
        return first if size is None else self.number(size)

    def transaction(self) -> CoinTransaction:
        """Read a transaction; its name is the hash of its plain form, without signatures and flags."""
        begun, plain = self.at, self.take(4)
        flags = 0
        if self.raw[self.at] == 0:
            self.at += 1
            flags = self.number(1)
            if not flags or flags & ~(_WITNESS | _MWEB):
                raise InputError(f"a transaction of a form with flags {flags}, which is not known")
        start = self.at
        inputs = [self._input() for _ in range(self.count())]
        spends = [coin for coin, _, _ in inputs]
        outputs = tuple(self._output() for _ in range(self.count()))
        plain += self.raw[start : self.at]
        witnesses: list[list[bytes]] = [[] for _ in inputs]
        if flags & _WITNESS:
            witnesses = [[self.take(self.count()) for _ in range(self.count())] for _ in inputs]
        if flags & _MWEB and self.number(1):
            raise InputError("a transaction with a confidential part, which no block holds")
        locktime = self.take(4)
        name = twice_hashed(plain + locktime)[::-1].hex()
        unlocked = [(seq, script, items) for (_, script, seq), items in zip(inputs, witnesses, strict=True)]
        form = Form.of(
            int.from_bytes(plain[:4], "little"),
            int.from_bytes(locktime, "little"),
            unlocked,
            weight=3 * (len(plain) + len(locktime)) + self.at - begun,
        )
        coins = () if spends == [_NO_COIN] else tuple(f"{tx[::-1].hex()}:{n}" for tx, n in spends)
        return CoinTransaction(name, coins, outputs, form)

    def _input(self) -> tuple[tuple[bytes, int], bytes, int]:
        coin = self.take(32), self.number(4)
        script = self.take(self.count())
        return coin, script, self.number(4)

    def _output(self) -> Output:
        return Output(self.number(8), self.take(self.count()))
