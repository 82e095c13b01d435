"""Shapes in a flow, each by a cited definition with its parameters; none of them joins addresses."""

from flowtrace_heuristics.pattern.bipartite import bipartite
from flowtrace_heuristics.pattern.chain_hop_burst import chain_hop_burst
from flowtrace_heuristics.pattern.cycle import cycle
from flowtrace_heuristics.pattern.dormancy import dormancy
from flowtrace_heuristics.pattern.dust_and_spoof import dust_and_spoof
from flowtrace_heuristics.pattern.exchange_hopping import exchange_hopping
from flowtrace_heuristics.pattern.fan_in import fan_in
from flowtrace_heuristics.pattern.fan_out import fan_out
from flowtrace_heuristics.pattern.gather_scatter import gather_scatter
from flowtrace_heuristics.pattern.operator_clock import operator_clock
from flowtrace_heuristics.pattern.pass_through import pass_through
from flowtrace_heuristics.pattern.peel_chain import peel_chain
from flowtrace_heuristics.pattern.railgun_equal_value import railgun_equal_value
from flowtrace_heuristics.pattern.round_trip import round_trip
from flowtrace_heuristics.pattern.scatter_gather import scatter_gather
from flowtrace_heuristics.pattern.stack import stack
from flowtrace_heuristics.pattern.structuring import structuring
from flowtrace_heuristics.pattern.token_spoof import token_spoof
from flowtrace_heuristics.pattern.tornado_address_match import tornado_address_match
from flowtrace_heuristics.pattern.tornado_anonymity_mining import tornado_anonymity_mining
from flowtrace_heuristics.pattern.tornado_fifo import tornado_fifo
from flowtrace_heuristics.pattern.tornado_gas_price import tornado_gas_price
from flowtrace_heuristics.pattern.tornado_linked_address import tornado_linked_address
from flowtrace_heuristics.pattern.tornado_multi_denomination import tornado_multi_denomination
from flowtrace_heuristics.pattern.tornado_soft import tornado_soft
from flowtrace_heuristics.pattern.typology import typology

PACK = (
    bipartite,
    chain_hop_burst,
    cycle,
    dormancy,
    dust_and_spoof,
    exchange_hopping,
    fan_in,
    fan_out,
    gather_scatter,
    operator_clock,
    pass_through,
    peel_chain,
    round_trip,
    scatter_gather,
    stack,
    structuring,
    token_spoof,
    railgun_equal_value,
    tornado_address_match,
    tornado_anonymity_mining,
    tornado_fifo,
    tornado_gas_price,
    tornado_linked_address,
    tornado_multi_denomination,
    tornado_soft,
    typology,
)
