"""Bank statements, ISO 20022 camt.053 and SWIFT MT940, as transfers on the ledger of their bank.

A statement is the record of one bank. Whoever is on the other side of an entry is therefore an Address on
that bank's ledger, and one that keeps its account elsewhere is there under its IBAN: nothing is said of the
other bank's own books. Where an entry names no account for the other side, it stands for a place of its own,
``unnamed.ENTRY``, that no other entry shares.
"""

from flowtrace.files.bank.booked import read
from flowtrace.files.bank.forms import bank_of, form_of, statement_table

__all__ = ["bank_of", "form_of", "read", "statement_table"]
