"""Stage one from disk: folders of recorded answers, and transfer tables in flowtrace's own schema."""

from flowtrace.files.recordings import Recording, read_recordings
from flowtrace.files.tables import COVERAGE_MEDIA, TRANSFERS_MEDIA, read_table, table_answers, write_tables

__all__ = [
    "COVERAGE_MEDIA",
    "TRANSFERS_MEDIA",
    "Recording",
    "read_recordings",
    "read_table",
    "table_answers",
    "write_tables",
]
