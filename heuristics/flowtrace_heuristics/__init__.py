"""The shipped pack: one heuristic, one file. PACK is a literal tuple, so that a reader sees all of it."""

from flowtrace_heuristics.account.deposit_reuse import deposit_reuse
from flowtrace_heuristics.account.service_stop import service_stop
from flowtrace_heuristics.pattern.dust_and_spoof import dust_and_spoof

PACK = (deposit_reuse, service_stop, dust_and_spoof)
