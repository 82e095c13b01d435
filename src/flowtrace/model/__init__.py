"""The nouns: frozen, exact, without input or output."""

from flowtrace.model.address import Address
from flowtrace.model.asset import Amount, Asset, decimal_text, read_decimal, read_units
from flowtrace.model.chain import CHAINS, ETHEREUM, Chain, Family
from flowtrace.model.evidence import Answer, Coverage, Evidence, Key, Lack, Request, Scope
from flowtrace.model.finding import Class, Cluster, Finding, Role, RoleName, RuleCard, SameOwner, SetAside
from flowtrace.model.label import Category, Citation, Entity, Incident, Label, Theft, Use
from flowtrace.model.price import EURO, Price
from flowtrace.model.result import Requester, Result
from flowtrace.model.trace import (
    ACCOUNT_RULES,
    Account,
    Deposit,
    Gap,
    GapKind,
    Hop,
    Rule,
    Stop,
    StopReason,
    Taint,
    Trace,
    envelope,
)
from flowtrace.model.transfer import Basis, Kind, Leg, Transfer
from flowtrace.model.wrapped import DEPOSIT, NOBODY, WITHDRAWAL, wrap, wrapped_coin, wrapped_coins

__all__ = [
    "ACCOUNT_RULES",
    "CHAINS",
    "DEPOSIT",
    "ETHEREUM",
    "EURO",
    "NOBODY",
    "WITHDRAWAL",
    "Account",
    "Address",
    "Amount",
    "Answer",
    "Asset",
    "Basis",
    "Category",
    "Chain",
    "Citation",
    "Class",
    "Cluster",
    "Coverage",
    "Deposit",
    "Entity",
    "Evidence",
    "Family",
    "Finding",
    "Gap",
    "GapKind",
    "Hop",
    "Incident",
    "Key",
    "Kind",
    "Label",
    "Lack",
    "Leg",
    "Price",
    "Request",
    "Requester",
    "Result",
    "Role",
    "RoleName",
    "Rule",
    "RuleCard",
    "SameOwner",
    "Scope",
    "SetAside",
    "Stop",
    "StopReason",
    "Taint",
    "Theft",
    "Trace",
    "Transfer",
    "Use",
    "decimal_text",
    "envelope",
    "read_decimal",
    "read_units",
    "wrap",
    "wrapped_coin",
    "wrapped_coins",
]
