"""The machine formats: a result as other programs read it, every amount exact.

One format is one module with one pure function ``files``: a result in, file names and bytes out. What is the
same for several (ids, the flow, the tables) has a module of its own.
"""

from flowtrace.report.formats.catalogue import FORMATS, Format, exported, named
from flowtrace.report.formats.put import write_formats

__all__ = ["FORMATS", "Format", "exported", "named", "write_formats"]
