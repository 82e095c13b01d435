"""Readings of account chains: who is one owner, whose deposit address it is, who controls a contract."""

from flowtrace_heuristics.account.airdrop_participation import airdrop_participation
from flowtrace_heuristics.account.create2_service import create2_service
from flowtrace_heuristics.account.delegated_code import delegated_code
from flowtrace_heuristics.account.deposit_reuse import deposit_reuse
from flowtrace_heuristics.account.first_funder import first_funder
from flowtrace_heuristics.account.mule_gas import mule_gas
from flowtrace_heuristics.account.returned_change import returned_change
from flowtrace_heuristics.account.safe_owner import safe_owner
from flowtrace_heuristics.account.self_authorisation import self_authorisation
from flowtrace_heuristics.account.service_stop import service_stop
from flowtrace_heuristics.account.solana_authority import solana_authority
from flowtrace_heuristics.account.solana_fee_payer import solana_fee_payer
from flowtrace_heuristics.account.solana_rent import solana_rent
from flowtrace_heuristics.account.tron_activation import tron_activation
from flowtrace_heuristics.account.tron_permission import tron_permission
from flowtrace_heuristics.account.tron_resource import tron_resource
from flowtrace_heuristics.account.user_operation import user_operation

PACK = (
    airdrop_participation,
    create2_service,
    delegated_code,
    deposit_reuse,
    first_funder,
    mule_gas,
    returned_change,
    safe_owner,
    self_authorisation,
    service_stop,
    solana_authority,
    solana_fee_payer,
    solana_rent,
    tron_activation,
    tron_permission,
    tron_resource,
    user_operation,
)
