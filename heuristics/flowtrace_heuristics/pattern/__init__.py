"""Shapes in a flow, each by a cited definition with its parameters; none of them joins addresses."""

from flowtrace_heuristics.pattern.dust_and_spoof import dust_and_spoof

PACK = (dust_and_spoof,)
