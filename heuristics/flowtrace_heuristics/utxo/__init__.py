"""Readings of chains of coins: who signs together, which output is the change, who only mixes."""

from flowtrace_heuristics.utxo.coinjoin import coinjoin
from flowtrace_heuristics.utxo.multi_input import multi_input
from flowtrace_heuristics.utxo.whirlpool_tx0 import whirlpool_tx0

PACK = (coinjoin, multi_input, whirlpool_tx0)
