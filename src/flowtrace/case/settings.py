"""``case.toml``: what a person wrote about a case. Everything in it is optional but the format.

format = 1
incident = "ronin-2022"          # a shipped incident; or write incident.toml beside this file
seeds = ["eip155:1:0x…"]         # or: what to follow, with no word on what was stolen; also CHAIN:tx:HASH

[policy]
budget = 2000                    # addresses to follow at most
most = 20000                     # transfers of one address to read, before it is left as crowded
[policy.minimum]                 # base units not followed further; one whole coin unless stated
"eip155:1/slip44:60" = "1000000000000000000"

[[openings]]                      # what an address held before its record begins: counted as not stolen;
                                  # a bank statement states it itself, what is written here stands instead
address = "eip155:1:0x…"
asset = "eip155:1/slip44:60"
units = "5000000000000000000"
source = "balance at block 14442834, archive node"

[heuristics]                     # see: flowtrace heuristics
off = ["deposit_reuse"]          # not to be used in this case
on = ["change_vote"]             # to be used although it is off by default

[crossings]                      # what is followed beside what a bridge's key joins; flowtrace.case.inferred
keyless = false                  # follow what amount and time alone join, at swappers without a key

[requester]                      # who asks in a freeze request; see flowtrace.case.requester
mode = "researcher"              # or "victim", "counsel", "le"
name = ""

[report]                         # all of it: flowtrace.case.stated
sharing = "TLP:AMBER"            # who may see the report
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from flowtrace.case.inferred import Inferred, read_inferred
from flowtrace.case.requester import read_requester
from flowtrace.case.seeded import seeded
from flowtrace.case.stated import read_audience, read_sharing, read_statement
from flowtrace.case.target import Target
from flowtrace.errors import InputError
from flowtrace.labels import load_incident, read_incident
from flowtrace.ledger import Ledger
from flowtrace.model import (
    ACCOUNT_RULES,
    Address,
    Asset,
    Audience,
    Chain,
    Family,
    Incident,
    Opening,
    Requester,
    Rule,
    Statement,
    Theft,
    read_units,
)
from flowtrace.trace import Policy

FORMAT = 1
FILE = "case.toml"
_KNOWN = frozenset(
    {"crossings", "format", "heuristics", "incident", "openings", "policy", "report", "requester", "seeds"}
)
_OPENING = ("address", "asset", "units", "source")
_POLICY = ("minimum", "budget", "rule", "most")
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Settings:
    """The contents of a ``case.toml``, checked."""

    incident_id: str
    seeds: tuple[Target, ...]
    policy: Mapping[str, Any]
    requester: Requester
    sharing: str
    audience: Audience = Audience.LE
    statement: Statement = field(default_factory=Statement)
    openings: tuple[Opening, ...] = ()
    off: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    inferred: Inferred = field(default_factory=Inferred)


def bundled_cases() -> dict[str, Traversable]:
    """Return the cases that come with flowtrace, by name."""
    folder = resources.files("flowtrace") / "cases"
    return {case.name: case for case in sorted(folder.iterdir(), key=lambda c: c.name) if case.is_dir()}


def read_settings(folder: Path) -> Settings:
    """Read a case's ``case.toml``.

    Raises
    ------
    InputError
        If it is absent, not TOML, of a newer format, or a value is of no use; the message names it.
    """
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        begin = f". Lay it out first: flowtrace trace {folder}" if folder.name in bundled_cases() else ""
        raise InputError(f"{folder} is no case: it holds no {FILE}{begin}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    version = data.get("format")
    if version != FORMAT:
        raise InputError(
            f"{path} is of format {version!r}; this flowtrace reads format {FORMAT}: "
            + ("upgrade flowtrace" if isinstance(version, int) and version > FORMAT else "write format = 1")
        )
    wrong = sorted(set(data) - _KNOWN)
    if wrong:
        raise InputError(f"{path}: unknown setting {wrong[0]}; known are {', '.join(sorted(_KNOWN))}")
    told = _table(data, "report", path)
    return Settings(
        incident_id=str(data.get("incident", "")),
        seeds=_seeds(data, path),
        policy=_table(data, "policy", path),
        requester=read_requester(_table(data, "requester", path), path),
        sharing=read_sharing(told, path),
        audience=read_audience(str(told.get("profile", Audience.LE)), f"{path}: report.profile"),
        statement=read_statement(told, path, shipped=_is_shipped(data, folder)),
        openings=_openings(data, path),
        **_switches(data, path),
        inferred=read_inferred(_table(data, "crossings", path), path),
    )


def write_settings(folder: Path, incident_id: str, seeds: Sequence[Target] = ()) -> None:
    """Write a new ``case.toml``, whole or not at all. A shipped incident is public, and so its report."""
    sharing = "TLP:CLEAR" if incident_id else "TLP:AMBER"
    text = (
        f'format = {FORMAT}\nincident = "{incident_id}"\n{_seeds_text(seeds)}\n'
        f'[requester]\nmode = "researcher"\n\n'
        f'[report]\nsharing = "{sharing}"\n'
    )
    fresh = folder / f"{FILE}.new"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(folder / FILE)


def _is_shipped(data: Mapping[str, Any], folder: Path) -> bool:
    """Tell whether a case is of an incident that ships, all of it public, and states none of its own."""
    return bool(data.get("incident")) and not (folder / "incident.toml").is_file()


def _seeds_text(seeds: Sequence[Target]) -> str:
    listed = ", ".join(f'"{seed.text}"' for seed in seeds)
    return f"seeds = [{listed}]\n" if listed else ""


def incident_of(folder: Path, settings: Settings, ledger: Ledger | None = None) -> Incident:
    """Return the case's incident: its own ``incident.toml``, the shipped one it names, or what its seeds are.

    Raises
    ------
    InputError
        If there is none of them.
    """
    own = folder / "incident.toml"
    if own.is_file():
        return read_incident(own.read_bytes(), own.name)
    if settings.seeds and not settings.incident_id:
        return seeded(settings.seeds, ledger or Ledger(()))
    if not settings.incident_id:
        raise InputError(
            f"{folder / FILE} names no incident: set incident = to a shipped one, or write {own} "
            "with the theft's transfer, amount, victim and thief (see the README)"
        )
    incident = load_incident(settings.incident_id)
    if not incident.is_traceable:
        raise InputError(
            f"the transfers of {incident.id} are not among the facts that ship: trace one of its addresses "
            f"(flowtrace incidents {incident.id}), or write {own} with the theft's transfer and amount"
        )
    return incident


def policy_of(settings: Settings, thefts: tuple[Theft, ...], recorded: Iterable[Opening] = ()) -> Policy:
    """Return how far to follow: one whole coin at least, unless the case says otherwise.

    ``recorded`` is what the record states that accounts held before it begins; what a person states of the
    same account and asset stands instead.
    """
    stated = settings.policy.get("minimum", {})
    wrong = [f"policy.{name}" for name in settings.policy if name not in _POLICY]
    try:
        minimum = {theft.asset: least_of(theft.asset) for theft in thefts}
        minimum |= {Asset.of(asset): read_units(str(units)) for asset, units in stated.items()}
        budget = read_units(str(settings.policy.get("budget", 2000)))
    except (InputError, AttributeError) as error:
        raise InputError(f"{FILE}, [policy]: {error}") from None
    if wrong:
        raise InputError(f"{FILE}: unknown setting {wrong[0]}")
    stated_too = {(one.address, one.asset) for one in settings.openings}
    others = (one for one in recorded if (one.address, one.asset) not in stated_too)
    return Policy(tuple(sorted(minimum.items())), budget, (*settings.openings, *others))


def most_of(settings: Settings) -> int:
    """Return how many transfers of one address are read, before it is left as crowded."""
    try:
        return read_units(str(settings.policy.get("most", _MOST)))
    except InputError as error:
        raise InputError(f"{FILE}, [policy]: {error}") from None


def least_of(asset: Asset) -> int:
    """Return below what the trace stops unless the case says: one coin, or a hundredth on UTXO chains."""
    fewer = 2 if Chain.of(asset.chain_id).family is Family.UTXO else 0
    least: int = 10 ** max(0, asset.decimals - fewer)
    return least


def stated_rule(settings: Settings) -> Rule:
    """Return the rule that letters state amounts under: one for the whole case, pro rata unless it says.

    Raises
    ------
    InputError
        If there is no such rule for account chains.
    """
    name = settings.policy.get("rule", Rule.PRO_RATA)
    if name == Rule.POISON:
        raise InputError(f"{FILE}: policy.rule: poison is an upper bound, not a rule to state an amount by")
    if name not in ACCOUNT_RULES:
        known = ", ".join(rule.value for rule in ACCOUNT_RULES)
        raise InputError(f"{FILE}: policy.rule is {name!r}: write one of {known}")
    return Rule(name)


def parameters_of(policy: Policy, rule: Rule, rules: Iterable[Rule]) -> tuple[tuple[str, str], ...]:
    """Return the policy as text, for the digest and the reports."""
    minimum = ((f"minimum {asset}", str(units)) for asset, units in policy.minimum)
    held = ((f"opening {o.address} {o.asset}", f"{o.units}, by {o.source}") for o in policy.openings)
    named = ("rules", ", ".join(each.value for each in rules))
    return (*minimum, *held, ("budget", str(policy.budget)), ("rule", rule.value), named)


def _switches(data: Mapping[str, Any], path: Path) -> dict[str, frozenset[str]]:
    """Return which heuristics the case switches off and on."""
    table = _table(data, "heuristics", path)
    wrong = sorted(set(table) - {"off", "on"})
    if wrong:
        raise InputError(f"{path}: unknown setting heuristics.{wrong[0]}; known are off, on")
    for name, ids in table.items():
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise InputError(f'{path}: heuristics.{name} is not a list of ids: write {name} = ["ID"]')
    off, on = frozenset(table.get("off", ())), frozenset(table.get("on", ()))
    if both := sorted(off & on):
        raise InputError(f"{path}: the heuristic {both[0]} is switched both off and on")
    return {"off": off, "on": on}


def _seeds(data: Mapping[str, Any], path: Path) -> tuple[Target, ...]:
    found = data.get("seeds", [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise InputError(f'{path}: seeds is not a list of texts: write seeds = ["CHAIN:ADDRESS"]')
    try:
        return tuple(Target.read(text) for text in found)
    except InputError as error:
        raise InputError(f"{path}, seeds: {error}") from None


def _openings(data: Mapping[str, Any], path: Path) -> tuple[Opening, ...]:
    rows = data.get("openings", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path}: openings is not a list of tables: write [[openings]]")
    return tuple(_opening(row, f"{path}, openings, row {n}") for n, row in enumerate(rows, start=1))


def _opening(row: Mapping[str, Any], where: str) -> Opening:
    texts = {name: str(row.get(name, "")) for name in _OPENING}
    empty = [name for name, text in texts.items() if not text]
    wrong = [f"{name} is missing" for name in empty]
    wrong += [f"unknown setting {name}" for name in row if name not in _OPENING]
    if wrong:
        raise InputError(f"{where}: {wrong[0]}; known are {', '.join(_OPENING)}")
    try:
        asset, units = Asset.of(texts["asset"]), read_units(texts["units"])
        address = Address.of(texts["address"])
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    if units < 0 or address.chain_id != asset.chain_id or address.chain.family is Family.UTXO:
        raise InputError(f"{where}: an account of the asset's own chain held so much, not less than nothing")
    return Opening(address, asset, units, texts["source"])


def _table(data: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise InputError(f"{path}: {key} is not a table")
    return table
