"""The flow diagram: folded to what a page holds, laid out in lanes, drawn with matplotlib."""

from flowtrace.report.diagram.drawing import figure, figures, write_figure

__all__ = ["figure", "figures", "write_figure"]
