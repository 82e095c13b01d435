"""The truth of a case: every answer's bytes as received, and an append-only, hash-chained custody log."""

from flowtrace.evidence.redaction import redacted
from flowtrace.evidence.store import FORMAT, EvidenceStore

__all__ = ["FORMAT", "EvidenceStore", "redacted"]
