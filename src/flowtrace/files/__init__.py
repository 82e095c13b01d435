"""Stage one from disk: recorded answers, flowtrace's own tables, and the files that other tools export."""

from flowtrace.files.formats import IMPORTED, found_files, read_files
from flowtrace.files.gathered import settled
from flowtrace.files.recordings import Recording, read_recordings
from flowtrace.files.tables import COVERAGE_MEDIA, TRANSFERS_MEDIA, read_table, table_answers, write_tables

__all__ = [
    "COVERAGE_MEDIA",
    "IMPORTED",
    "TRANSFERS_MEDIA",
    "Recording",
    "found_files",
    "read_files",
    "read_recordings",
    "read_table",
    "settled",
    "table_answers",
    "write_tables",
]
