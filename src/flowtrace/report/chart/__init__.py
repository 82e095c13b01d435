"""Charts beside the flow diagram: status of funds, Sankey, timeline, ways to deposits; painted the same way.

`write_charts` writes all of them. A document that embeds one alone (the report embeds ``status.svg`` and
``sankey.svg``) asks `status_sheets` or `sankey_sheets` and `write_sheets`, or reads the files that were
written: ``NAME.svg`` is the first page, ``NAME-2.svg`` the next, ``NAME.pdf`` holds all.
"""

from flowtrace.report.chart.paths import paths_sheets
from flowtrace.report.chart.sankey import sankey_sheets
from flowtrace.report.chart.status import status_sheets
from flowtrace.report.chart.timeline import timeline_sheets
from flowtrace.report.chart.write import CHARTS, write_charts

__all__ = ["CHARTS", "paths_sheets", "sankey_sheets", "status_sheets", "timeline_sheets", "write_charts"]
