"""What a decoder is shown: the logs of one transaction, and events told apart by their topics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_hash.auto import keccak

from flowtrace.crossing.ends import End, Side, UndecodableError
from flowtrace.crossing.words import Words

_ADDRESS, _TOPIC = re.compile(r"0x[0-9a-f]{40}"), re.compile(r"0x[0-9a-f]{64}")
_MOST_TOPICS = 4


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract wrote: address and topics in lower case. ``index`` is its place in the block."""

    address: str
    topics: tuple[str, ...]
    data: bytes
    index: int

    @classmethod
    def of(cls, log: Mapping[str, Any]) -> Log:
        """Read a log in the form of a node's answer.

        Raises
        ------
        UndecodableError
            If it has not the form of a log.
        """
        try:
            address, topics = (
                str(log["address"]).lower(),
                tuple(str(topic).lower() for topic in log["topics"]),
            )
            data, index = bytes.fromhex(str(log["data"]).removeprefix("0x")), log["logIndex"]
            number = index if type(index) is int else int(str(index), 16)
        except (KeyError, TypeError, ValueError) as error:
            raise UndecodableError(f"this is no log: {error!r:.80}") from error
        good = _ADDRESS.fullmatch(address) and all(_TOPIC.fullmatch(topic) for topic in topics)
        if not good or len(topics) > _MOST_TOPICS or number < 0:
            raise UndecodableError(f"this is no log: its address is {address[:50]!r}")
        return cls(address, topics, data, number)


@dataclass(frozen=True, slots=True)
class Seen:
    """One transaction as a decoder is shown it.

    Attributes
    ----------
    logs
        All its logs, in order: anyone may have written them.
    named
        The contracts that the registry names for the decoder's protocol, lower case.
    own
        The logs to read: by a contract that is named.
    """

    chain: str
    tx: str
    time: int | None = None
    logs: tuple[Log, ...] = ()
    named: frozenset[str] = frozenset()
    own: tuple[Log, ...] = ()

    def end(self, protocol: str, key: str, *, side: Side, at: int, **told: Any) -> End:  # noqa: ANN401  fields of End
        """Return an end that stands in this transaction, at the log of this index."""
        return End(protocol, key, side, self.chain, self.tx, at, self.time, **told)


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of log: its signature, and how many of its parameters are in the topics.

    Examples
    --------
    >>> Event("Transfer(address,address,uint256)", 2).topic[:10]
    '0xddf252ad'
    """

    signature: str
    indexed: int
    topic: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "topic", f"0x{keccak(self.signature.encode()).hex()}")

    def among(self, logs: Iterable[Log]) -> Iterator[tuple[Log, Words, Words]]:
        """Yield each log of this kind with its indexed and its other parameters.

        Raises
        ------
        UndecodableError
            If a log has the topic and not the number of topics that belongs to it.
        """
        for log in logs:
            if log.topics[:1] != (self.topic,):
                continue
            if len(log.topics) != 1 + self.indexed:
                raise UndecodableError(f"{self.signature}: {len(log.topics) - 1} indexed parameters")
            indexed = b"".join(bytes.fromhex(topic[2:]) for topic in log.topics[1:])
            yield log, Words(indexed), Words(log.data)
