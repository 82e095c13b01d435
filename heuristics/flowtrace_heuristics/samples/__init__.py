"""What the shipped heuristics are measured on: public data with a known truth, one sample a file.

Readers of a folder of data, not heuristics: they may open files, and no heuristic sees them.
"""

from flowtrace_heuristics.samples import (
    atomic_funders,
    changes,
    coinjoins,
    laundernet,
    ronin_deposits,
)

SAMPLES = (
    atomic_funders.SAMPLE,
    *changes.SAMPLES,
    *coinjoins.SAMPLES,
    *laundernet.SAMPLES,
    ronin_deposits.SAMPLE,
)
