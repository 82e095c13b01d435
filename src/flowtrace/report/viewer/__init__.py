"""The flow as one HTML file that draws itself, offline: data and places from here, drawn by plain ES modules.

The modules beside this file take a plain data object and a host element; they know of no server and no page.
"""

from flowtrace.report.viewer.data import view_data
from flowtrace.report.viewer.page import flow_html

__all__ = ["flow_html", "view_data"]
