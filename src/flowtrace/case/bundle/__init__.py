"""A case in one file that a stranger can check: packed, stamped, and verified where nothing else is."""

from flowtrace.case.bundle.authority import Authority, stamped_by
from flowtrace.case.bundle.pack import Packed, bundle_of, pack
from flowtrace.case.bundle.taking import stamp_taken, write_request
from flowtrace.case.bundle.verify import verify_bundle

__all__ = [
    "Authority",
    "Packed",
    "bundle_of",
    "pack",
    "stamp_taken",
    "stamped_by",
    "verify_bundle",
    "write_request",
]
