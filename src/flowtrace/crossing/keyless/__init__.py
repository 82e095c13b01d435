"""Swappers without a key: deposits matched to payouts by amount and time, with the number of coincidences.

Pure functions. A claim is made only where hardly any payout of other customers would look like it, and a
placebo on the same record tells how often that goes wrong.
"""

from flowtrace.crossing.keyless.habit import Habit, Steps
from flowtrace.crossing.keyless.match import LIMIT, Candidate, Deposit, Matched, match
from flowtrace.crossing.keyless.payouts import Payout, Payouts
from flowtrace.crossing.keyless.placebo import Placebo, placebo

__all__ = [
    "LIMIT",
    "Candidate",
    "Deposit",
    "Habit",
    "Matched",
    "Payout",
    "Payouts",
    "Placebo",
    "Steps",
    "match",
    "placebo",
]
