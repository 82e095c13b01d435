"""The identifiers as plain files, for an intake that reads neither PDF nor sheets: whole, one a line."""

from __future__ import annotations

from flowtrace.model import Result
from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.tables import csv_of, deposit_columns, deposit_rows


def identifiers_csv(result: Result, request: FreezeRequest) -> bytes:
    """Return the sheet Deposits as CSV (RFC 4180, UTF-8)."""
    return csv_of([deposit_columns(result.trace.rules), *deposit_rows(result, request.deposits)])


def identifiers_txt(request: FreezeRequest) -> bytes:
    """Return one full transaction hash a line, then one full deposit address a line.

    A wallet that pools customers' funds is not among them: whatever reads this file may act on every line.
    """
    hashes = dict.fromkeys(credit.hop.transfer.tx for credit in request.deposits)
    addresses = dict.fromkeys(c.deposit_address.display for c in request.deposits if c.deposit_address)
    return "".join(f"{line}\n" for line in (*hashes, *addresses)).encode()
