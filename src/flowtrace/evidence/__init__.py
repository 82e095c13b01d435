"""The truth of a case: every answer's bytes as received, and an append-only, hash-chained custody log."""

from flowtrace.evidence.carried import Log, log_of, packed_bodies, packed_fault, read_log, restore
from flowtrace.evidence.redaction import redacted
from flowtrace.evidence.store import FORMAT, EvidenceStore

__all__ = [
    "FORMAT",
    "EvidenceStore",
    "Log",
    "log_of",
    "packed_bodies",
    "packed_fault",
    "read_log",
    "redacted",
    "restore",
]
