"""The tables of public data sets that flowtrace reads, each with the columns that tell it; bank statements.

Column names: ethereum-etl 2.4.2, bitcoin-etl 1.5.2 and cryo 0.3.2 as they write them; BigQuery's and AWS's
public data sets as they are described; explorers' exports as people's own readers of them show. Statements:
ISO 20022 camt.053.001.02 to .14, SWIFT MT940.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowtrace.model import Family

_BANK = frozenset({Family.BANK})
_EVM, _UTXO = frozenset({Family.EVM}), frozenset({Family.UTXO})


@dataclass(frozen=True, slots=True)
class Format:
    """One table of one data set.

    Attributes
    ----------
    needed
        Columns without which a file is not this table.
    used
        All that are read, where present; None for all there are.
    marks
        Columns that tell a version, each with its name, the most telling first.
    lossy
        Columns that may be floating point.
    renamed
        Whether the columns' names vary with chain and year.
    """

    dataset: str
    table: str
    needed: frozenset[str]
    used: frozenset[str] | None
    chains: frozenset[Family] = _EVM
    marks: tuple[tuple[str, str], ...] = ()
    lossy: frozenset[str] = frozenset()
    renamed: bool = False

    @property
    def sparse(self) -> frozenset[str]:
        """Needed columns that JSON lines lack where they are empty in every row."""
        return self.needed & _SPARSE

    @property
    def media(self) -> str:
        """What kept bytes of it are called."""
        return f"{self.dataset} {self.table}"


_SPARSE = frozenset(
    ("from_address", "to_address", "call_type", "trace_address", "status", "topics", "inputs")
)
_RECEIPT = "status gas_used effective_gas_price contract_address blob_gas_used blob_gas_price l1_fee"
_TRANSACTION = "hash block_number transaction_index from_address to_address value gas_price"
_TRANSACTION_MORE = " ".join(
    ("block_timestamp transaction_type", *(f"receipt_{column}" for column in _RECEIPT.split()))
)
_TRACE = "transaction_hash transaction_index block_number from_address to_address value trace_type call_type"
_TRACE_MORE = "block_timestamp subtraces status error"
_TOKEN = "token_address from_address to_address value transaction_hash log_index block_number"  # noqa: S105
_LOG = "transaction_hash log_index block_number address topics data"
_LOG_MORE = "transaction_index block_timestamp"
_CRYO = "value_binary chain_id"
_COIN = "hash block_number block_timestamp is_coinbase inputs outputs"
_COIN_MORE = "index input_count output_count input_value output_value fee"
_EXPORT = "Txhash Blockno UnixTimestamp From"
_HEADERS = (("Transaction Hash", "newer header"), ("Txhash", "older header"))
_FEES = (
    ("receipt_status", "BigQuery"),
    ("max_fee_per_blob_gas", "with blobs"),
    ("max_fee_per_gas", "before blobs"),
    ("hash", "before EIP-1559"),
)
_TIMED = (("block_timestamp", "BigQuery"),)


def _table(
    name: str,
    needed: str,
    more: str = "",
    *,
    chains: frozenset[Family] = _EVM,
    marks: tuple[tuple[str, str], ...] = (),
    lossy: str = "",
) -> Format:
    dataset, _, table = name.partition(" ")
    columns = frozenset(needed.split())
    used = columns | set(more.split())
    return Format(dataset, table, columns, used, chains=chains, marks=marks, lossy=frozenset(lossy.split()))


def _export(table: str, needed: str) -> Format:
    columns = frozenset(f"{_EXPORT} {needed}".split())
    return Format("explorer-csv", table, columns, None, marks=_HEADERS, renamed=True)


FORMATS = (
    _export("normal", "To ContractAddress Value_IN Value_OUT TxnFee Status ErrCode"),
    _export("internal", "ParentTxFrom TxTo ContractAddress Value_IN Value_OUT Status ErrCode Type"),
    _export("erc20", "To TokenValue ContractAddress TokenSymbol"),
    _table("ethereum-etl blocks", "number hash parent_hash timestamp transaction_count miner", "withdrawals"),
    _table("ethereum-etl transactions", _TRANSACTION, _TRANSACTION_MORE, marks=_FEES),
    _table("ethereum-etl receipts", "transaction_hash gas_used cumulative_gas_used status", _RECEIPT),
    _table("ethereum-etl traces", f"{_TRACE} trace_address", _TRACE_MORE, marks=_TIMED),
    _table("ethereum-etl token_transfers", _TOKEN, "transaction_index block_timestamp", marks=_TIMED),
    _table("ethereum-etl logs", _LOG, _LOG_MORE),
    _table("ethereum-etl contracts", "address is_erc20 is_erc721"),
    _table("ethereum-etl tokens", "address decimals", "symbol"),
    _table("bitcoin-etl blocks", "number hash timestamp transaction_count merkle_root", chains=_UTXO),
    _table("bitcoin-etl transactions", _COIN, _COIN_MORE, chains=_UTXO),
    _table("cryo blocks", "block_number timestamp author gas_used", "block_hash chain_id"),
    _table(
        "cryo transactions",
        "block_number transaction_index transaction_hash from_address to_address value_string gas_used "
        "gas_price success",
        f"timestamp transaction_type {_CRYO}",
    ),
    _table(
        "cryo traces",
        "action_from action_to action_value action_type action_call_type trace_address transaction_hash "
        "transaction_index block_number error",
        "result_address subtraces chain_id",
    ),
    _table(
        "cryo native_transfers",
        "block_number transfer_index transaction_hash from_address to_address value_string",
        _CRYO,
    ),
    _table(
        "cryo erc20_transfers",
        "block_number transaction_index log_index transaction_hash erc20 from_address to_address "
        "value_string",
        _CRYO,
    ),
    _table(
        "aws-eth blocks",
        "number hash parent_hash timestamp transaction_count miner last_modified",
        "withdrawals",
    ),
    _table("aws-eth transactions", f"{_TRANSACTION} last_modified", _TRANSACTION_MORE, lossy="value"),
    _table("aws-eth traces", f"{_TRACE} trace_address last_modified", _TRACE_MORE, lossy="value"),
    _table(
        "aws-eth token_transfers",
        f"{_TOKEN} last_modified",
        "transaction_index block_timestamp",
        lossy="value",
    ),
    _table("aws-eth logs", f"{_LOG} last_modified", _LOG_MORE),
    _table(
        "aws-btc blocks",
        "number hash timestamp transaction_count merkle_root last_modified",
        chains=_UTXO,
    ),
    _table(
        "aws-btc transactions",
        f"{_COIN} last_modified",
        _COIN_MORE,
        chains=_UTXO,
        lossy="inputs outputs input_value output_value fee",
    ),
)
STATEMENTS = (
    Format("bank", "camt.053", frozenset(), None, chains=_BANK),
    Format("bank", "mt940", frozenset(), None, chains=_BANK),
)
"""What is no table: bank statements, each told by what it begins with."""
