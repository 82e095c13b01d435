"""Readings of chains of coins: who signs together, which output is the change, who only mixes."""

from flowtrace_heuristics.utxo.change_candidates import change_candidates
from flowtrace_heuristics.utxo.change_vote import change_vote
from flowtrace_heuristics.utxo.coinjoin import coinjoin
from flowtrace_heuristics.utxo.joinmarket_change import joinmarket_change
from flowtrace_heuristics.utxo.multi_input import multi_input
from flowtrace_heuristics.utxo.peel_chain import peel_chain_links
from flowtrace_heuristics.utxo.postmix import postmix_consolidation
from flowtrace_heuristics.utxo.self_change import self_change
from flowtrace_heuristics.utxo.whirlpool_tx0 import whirlpool_tx0

PACK = (
    change_candidates,
    change_vote,
    coinjoin,
    joinmarket_change,
    multi_input,
    peel_chain_links,
    postmix_consolidation,
    self_change,
    whirlpool_tx0,
)
