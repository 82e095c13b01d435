"""What each address of a trace does: findings of the heuristics first, the trace's own reading after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from flowtrace.model import Address, Class, Hop, Role, RoleName, StopReason
from flowtrace.trace.tracer import Tracer

BY = "trace/1"
_TOWARDS: dict[StopReason | None, str] = {StopReason.MIXER: "a mixer", StopReason.DEPOSIT: "an exchange"}


def roles(tracer: Tracer, hops: Sequence[Hop], findings: Sequence[Role]) -> tuple[Role, ...]:
    """Return one role per address the trace meets, sorted by address.

    Thefts' receivers are theft addresses; an address a heuristic gave a role keeps it; any other followed
    address that passes taint on is an intermediary, towards where most of what it passes on ends.
    """
    met = {address for hop in hops for address in (hop.source, hop.target) if address}
    found = {role.address: role for role in reversed(findings) if role.address in met}
    for thief in {theft.thief for theft in tracer.thefts}:
        because = tuple(theft.transfer for theft in tracer.thefts if theft.thief == thief)
        found[thief] = Role(thief, RoleName.THEFT, "", BY, because, Class.D, "received the stolen amount")
    sent: dict[Address | None, list[str]] = {}
    for hop in hops:
        if hop.amount.units:
            sent.setdefault(hop.source, []).append(hop.transfer.id)
    towards = _towards(hops, lambda address: _end(tracer, found, address))
    for address in tracer.followed:
        if address not in found and address in towards:
            found[address] = _intermediary(address, towards[address], tuple(sent.get(address, ())))
    return tuple(found[address] for address in sorted(found))


def _towards(
    hops: Sequence[Hop], end_of: Callable[[Address], StopReason | None]
) -> dict[Address, StopReason | None]:
    """Return, per address that passes value on, the kind of end that most of it goes to.

    One pass against chain order: when a hop is met, what its receiver sent on later is known already. Each
    hop counts once, for the kind that most of what its receiver sent on later went to.
    """
    sent: dict[Address, Counter[StopReason]] = {}
    for hop in reversed(hops):
        source, target, units = hop.source, hop.target, hop.amount.units
        if source is None or target is None or not units:
            continue
        reason = end_of(target) or _most(sent.get(target, Counter()))
        here = sent.setdefault(source, Counter())
        if reason is not None:
            here[reason] += units
    return {address: _most(counted) for address, counted in sent.items()}


def _most(counted: Counter[StopReason]) -> StopReason | None:
    return max(sorted(counted), key=lambda reason: counted[reason], default=None)


def _intermediary(address: Address, towards: StopReason | None, because: tuple[str, ...]) -> Role:
    words = f"passes value on towards {_TOWARDS.get(towards, 'other addresses')}"
    return Role(address, RoleName.INTERMEDIARY, "", BY, because, Class.D, words)


def _end(tracer: Tracer, found: Mapping[Address, Role], address: Address) -> StopReason | None:
    end = tracer.ends.get(address)
    if end is not None:
        return end.reason
    role = found.get(address)
    return StopReason.MIXER if role is not None and role.role is RoleName.MIXER_DEPOSITOR else None
