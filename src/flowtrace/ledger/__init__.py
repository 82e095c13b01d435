"""The ledger: all transfers of a case in chain order, and its derived store."""

from flowtrace.ledger.ledger import Ledger
from flowtrace.ledger.parquet import read_parquet
from flowtrace.ledger.store import read_ledger, write_ledger

__all__ = ["Ledger", "read_ledger", "read_parquet", "write_ledger"]
