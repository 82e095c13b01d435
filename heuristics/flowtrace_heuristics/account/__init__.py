"""Readings of account chains: who is one owner, whose deposit address it is, who controls a contract."""

from flowtrace_heuristics.account.deposit_reuse import deposit_reuse
from flowtrace_heuristics.account.service_stop import service_stop

PACK = (deposit_reuse, service_stop)
