"""Swappers without a key: deposits matched to payouts by amount and time, with the number of coincidences.

Pure functions. A claim is made only where hardly any payout of other customers would look like it, and a
placebo on the same record tells how often that goes wrong.
"""

from flowtrace.crossing.keyless.card import CARD, USUAL
from flowtrace.crossing.keyless.habit import Habit, Steps
from flowtrace.crossing.keyless.match import LIMIT, Candidate, Deposit, Matched, match
from flowtrace.crossing.keyless.payouts import Payout, Payouts
from flowtrace.crossing.keyless.placebo import Placebo, placebo
from flowtrace.crossing.keyless.rates import Rates
from flowtrace.crossing.keyless.record import Records
from flowtrace.crossing.keyless.services import Swappers
from flowtrace.crossing.keyless.tried import BY, Paid, Trial, Tried

__all__ = [
    "BY",
    "CARD",
    "LIMIT",
    "USUAL",
    "Candidate",
    "Deposit",
    "Habit",
    "Matched",
    "Paid",
    "Payout",
    "Payouts",
    "Placebo",
    "Rates",
    "Records",
    "Steps",
    "Swappers",
    "Trial",
    "Tried",
    "match",
    "placebo",
]
