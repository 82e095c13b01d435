"""Follow the stolen value: the asking tracer, the named taint rules, and the account of every unit."""

from flowtrace.trace.account import Known, account_for
from flowtrace.trace.explain import explain
from flowtrace.trace.origin import Origins
from flowtrace.trace.tracer import End, Policy, Tracer

__all__ = ["End", "Known", "Origins", "Policy", "Tracer", "account_for", "explain"]
