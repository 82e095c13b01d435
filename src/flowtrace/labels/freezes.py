"""Files with issuers' freezes, as labels: a table of freezes, or logs as a node answers them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from flowtrace.errors import InputError
from flowtrace.labels.dumps import rows_of
from flowtrace.labels.untrusted import one_line
from flowtrace.model import Act, Address, Asset, Chain, Freeze, Label, Use, frozen_now, read_decimal
from flowtrace.moves.freezes import ISSUED, PLACES, freezes_of, issued_by

_BEGINNING = 4096
_COLUMNS = frozenset({"chain", "address", "usdt_balance", "tx_hash", "block", "timestamp_utc"})
_HASH = re.compile(r"(0x)?[0-9a-fA-F]{64}")


def is_freezes(columns: Sequence[str]) -> bool:
    """Tell whether a table's columns are those of a list of freezes."""
    return set(columns) >= _COLUMNS


def read_freezes(data: bytes, name: str) -> tuple[Freeze, ...]:
    """Read a table of freezes: chain, address, usdt_balance, tx_hash, block, timestamp_utc.

    Raises
    ------
    InputError
        If a row cannot be used; the message names it.
    """
    return tuple(_row(row, f"{name}, line {n}") for n, row in enumerate(rows_of(data, name), start=2))


def freeze_labels(data: bytes, name: str) -> Iterator[Label]:
    """Yield the labels of a table of freezes."""
    return (one.label(f"the file {name}") for one in read_freezes(data, name))


def log_labels(data: bytes, name: str) -> Iterator[Label]:
    """Yield the labels of freezes among logs as a node answers them: a list, or a JSON-RPC answer.

    A log names no chain. The contract does: each issuer's stands on one.

    Raises
    ------
    InputError
        If it is no such JSON.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{name}: cannot be read as JSON ({one_line(str(fault))})") from None
    logs = found.get("result") if isinstance(found, dict) else found
    if not isinstance(logs, list):
        raise InputError(f"{name}: holds no list of logs: give what eth_getLogs answers")
    chains = [Chain.of(chain_id) for chain_id in sorted({chain_id for chain_id, _ in ISSUED})]
    events = [log for log in logs if isinstance(log, dict)]
    freezes = [one for chain in chains for one in freezes_of(chain, events)]
    held = frozen_now(freezes)
    for one in freezes:
        label = one.label()
        ended = one.act is Act.FROZEN and (one.address, one.asset) not in held
        yield replace(label, use=Use.UNSPECIFIED, text=f"{label.text} (released since)") if ended else label


def is_logs(data: bytes) -> bool:
    """Tell whether a JSON file begins as logs do."""
    start = data[:_BEGINNING]
    return b'"topics"' in start and b'"data"' in start


def _row(row: Mapping[str, str], where: str) -> Freeze:
    try:
        chain = Chain.of(row["chain"])
        tx, height = _hash(row["tx_hash"]), _height(row["block"])
        time = datetime.fromisoformat(row["timestamp_utc"]).replace(tzinfo=UTC)
        return Freeze(
            address=Address.parse(chain, row["address"]),
            asset=_usdt(chain),
            issuer="Tether",
            act=Act.FROZEN,
            event="AddedBlackList",
            tx=tx,
            height=height,
            time=int(time.timestamp()),
            units=read_decimal(row["usdt_balance"], PLACES),
        )
    except KeyError as lacking:
        raise InputError(f"{where}: has no {lacking.args[0]}") from None
    except (InputError, ValueError) as fault:
        raise InputError(f"{where}: {fault}") from None


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise InputError(f"{text[:80]!r} is no transaction hash")
    return text.lower()


def _height(text: str) -> int:
    if not re.fullmatch("[0-9]{1,12}", text):
        raise InputError(f"{text[:80]!r} is no number of a block")
    return int(text)


def _usdt(chain: Chain) -> Asset:
    found = (account for (of, account), said in ISSUED.items() if of == chain.id and said[0] == "USDT")
    account = next(found, None)
    if account is None:
        raise InputError(f"no USDT of Tether is known on {chain.name}")
    return issued_by(Address(chain.id, account))
