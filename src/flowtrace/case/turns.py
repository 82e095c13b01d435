"""Whose turn it is: the sources that may be asked about a chain, in order; or why there are none."""

from __future__ import annotations

from flowtrace.case.reach import Reach
from flowtrace.errors import FlowtraceError, InputError, KeyRefusedError, SourceError
from flowtrace.evidence import EvidenceStore
from flowtrace.fetch import INDEX, Ask, Provider, providers
from flowtrace.model import Chain, Family

_OWN = {Family.EVM: "RPC", Family.UTXO: "ESPLORA", Family.TRON: "TRON", Family.SOLANA: "SOLANA"}


def chosen(reach: Reach) -> list[Provider]:
    """Return the sources that a reach names, in the order in which they are asked.

    Raises
    ------
    InputError
        If it names one that there is not.
    """
    known = providers()
    for name in reach.services:
        if not any(_is_called(one, name) for one in known):
            own = "no server of your own is set" if name == "own" else f"no source is called {name!r}"
            raise InputError(f"{own}: flowtrace sources lists them, and the README says how to set your own")
    return [p for p in known if not reach.services or any(_is_called(p, name) for name in reach.services)]


class Turns:
    """The sources that a reach names, those first that a case asked the same before.

    Raises
    ------
    InputError
        If the reach names a source that there is not.
    """

    def __init__(self, store: EvidenceStore, reach: Reach) -> None:
        self._store = store
        self._names = reach.services
        self._providers = chosen(reach)
        self._before: dict[str, set[str]] = {}
        self._read = 0

    def of(self, chain: Chain, target: str = "") -> list[Provider]:
        """Return the sources to ask, in turn: those that were asked the same before go on where they were."""
        before = self._asked(target)
        ready = [one for one in self._providers if one.chain == chain and one.ready]
        return sorted(ready, key=lambda one: one.id not in before)

    def indexes(self, protocol: str) -> list[Provider]:
        """Return the indexes of a bridge's protocol."""
        return [p for p in self._providers if p.kind == INDEX and p.options.get("protocol") == protocol]

    def lacking(self, chain: Chain) -> FlowtraceError:
        """Return why there is nobody to ask about a chain, and what to do."""
        keyed = [one for one in self._providers if one.chain == chain and one.key and not one.ready]
        if keyed:
            names = ", ".join(f"{one.id}: {one.key.name}" for one in keyed if one.key)
            return KeyRefusedError(f"a key is not set in the environment or keyring ({names})")
        if chain.family is Family.BANK:
            what = f"no service tells what {chain.name} booked"
            return SourceError(f"{what}: import its statements with flowtrace import files")
        if self._names:
            return SourceError(
                f"{' and '.join(self._names)} cannot tell of {chain.name}: ask other sources too"
            )
        variable = f"FLOWTRACE_{_OWN[chain.family]}_{chain.name.upper().replace('-', '_')}"
        return SourceError(f"no source of {chain.name} is known: set one of your own in {variable}")

    def _asked(self, target: str) -> set[str]:
        """Return the sources that were asked the same before, each ask of the log being read once."""
        texts = self._store.asks()
        for ask in map(Ask.read, texts[self._read :]):
            self._before.setdefault(ask.target, set()).add(ask.provider.id)
        self._read = len(texts)
        return self._before.get(target, set())


def _is_called(provider: Provider, name: str) -> bool:
    return name in (provider.service, provider.id, provider.id.partition("@")[0])
