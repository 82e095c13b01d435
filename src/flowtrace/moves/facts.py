"""What an EVM transaction records beside the value it moves: approvals, Safes, user operations, mixers.

A log is what a contract chose to say; anyone can deploy one that says anything. So a fact names the contract
that said it, and what follows from it is a heuristic's claim.

Sources: ERC-20 (Approval), Safe 1.1 to 1.4 (SafeSetup, AddedOwner, RemovedOwner, ChangedMasterCopy), ERC-1967
(Upgraded), ERC-4337 (UserOperationEvent), Railgun's smart wallet (Shield, Unshield), Tornado Cash (Deposit,
Withdrawal; Swap of RewardSwap: the points that a claim is paid for, less the fee of whoever relays it, which
is an event of its own).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowtrace.errors import InputError
from flowtrace.model import Address, Fact, FactKind
from flowtrace.moves.evm import EvmTransaction
from flowtrace.moves.messages import message

APPROVAL = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
SAFE_SETUP = "0x141df868a6331af528e38c83b7aa03edc19be66e37ae67f9285bf4f8e3c6a1a8"
SAFE_OWNER = "0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26"
SAFE_LEFT = "0xf8d49fc529812e9a7c5c50e69c20f0dccc0db8fa95c98bc58cc9a4f1c1299eaf"
USER_OPERATION = "0x49628fd1471006c1482da88028e9ce4dbb080b815c9b0344d39e5a8e6ec1419f"
UPGRADED = "0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b"
MASTER_COPY = "0x75e41bc35ff1bf14d81d1d2f649c0084a0f974f9289c803ec9898eeec4c8d0b8"
MIXER_DEPOSIT = "0xa945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196"
MIXER_WITHDRAWAL = "0xe9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931"
MIXER_REWARD = "0x77f92a1b6a1a11de8ca49515ad4c1fad45632dd3442167d74b90b304a3c7a758"
SHIELD = "0x3a5b9dc26075a3801a6ddccf95fec485bb7500a91b44cec1add984c21ee6db3b"
UNSHIELD = "0xd93cf895c7d5b2cd7dc7a098b678b3089f37d91f48d9b83a0800a91cbdf05284"
REWARD_SWAP = ("eip155:1", "0x5cab7692d4e94096462119ab7bf57319726eed2a")
"""Tornado Cash's contract that pays for points: the event's name is everybody's, so only its word counts."""
_WORD, _MOST_OWNERS, _MOST_NOTES = 64, 64, 64
_NOTE_WORDS = 5  # of a note's preimage: its public key, the token's kind, address and number, the value
Parties = list[tuple[str, Address]]
Figures = list[tuple[str, str]]


def fact(
    at: EvmTransaction,
    kind: FactKind,
    order: int,
    *,
    parties: Parties,
    figures: Sequence[tuple[str, str]] = (),
) -> Fact:
    """Return a fact of a transaction."""
    return Fact(
        chain_id=at.chain.id,
        tx=at.hash,
        height=at.height,
        index=at.index,
        order=order,
        time=at.time,
        kind=kind,
        parties=tuple(parties),
        figures=tuple(figures),
    )


def of_log(at: EvmTransaction, sender: Address, log: Mapping[str, Any]) -> Fact | None:
    """Return the fact that a log tells; None where it tells of something else, or breaks its own form.

    ``log`` has ``address``, ``topics``, ``data`` and ``logIndex``, as a node has them; ``sender`` signed the
    transaction.
    """
    topics = [str(topic).lower() for topic in log["topics"]]
    reader = _READERS.get((topics[0], len(topics))) if topics else None
    if reader is None:
        return message(at, log)
    data = str(log["data"]).removeprefix("0x")
    words = [data[n : n + _WORD] for n in range(0, len(data) - len(data) % _WORD, _WORD)]
    index = log["logIndex"] if isinstance(log["logIndex"], int) else int(log["logIndex"], 16)
    contract, indexed = Address.parse(at.chain, log["address"]), tuple(topic[2:] for topic in topics[1:])
    said = _Said(at, contract, sender, indexed, tuple(words))
    try:
        kind, parties, figures = reader(said)
    except (IndexError, ValueError, InputError):
        return None
    return fact(at, kind, index, parties=parties, figures=figures)


@dataclass(frozen=True, slots=True)
class _Said:
    """A log, its indexed words (without the topic that names it) and its others, in hexadecimal."""

    at: EvmTransaction
    contract: Address
    sender: Address
    topics: tuple[str, ...]
    words: tuple[str, ...]

    def address(self, word: str) -> Address:
        if len(word) != _WORD or int(word[:-40], 16):
            raise ValueError("a word holds more than an address")
        return Address.parse(self.at.chain, "0x" + word[-40:])

    def number(self, place: int) -> str:
        return str(int(self.words[place], 16))


Told = tuple[FactKind, Parties, Figures]


def _shield(said: _Said) -> Told:
    notes, fees = (int(said.words[place], 16) // 32 for place in (2, 4))
    count = int(said.words[notes], 16)
    if not 0 < count <= _MOST_NOTES or int(said.words[fees], 16) != count:
        raise ValueError("no notes, more than anyone makes, or not a fee for each")
    starts = [notes + 1 + _NOTE_WORDS * n for n in range(count)]
    tokens = {(said.words[at + 1], said.words[at + 2]) for at in starts}
    if len(tokens) != 1:
        raise ValueError("notes of several tokens")
    parties = [("depositor", said.sender), ("pool", said.contract), ("token", _fungible(said, *tokens.pop()))]
    units = ",".join(said.number(at + _NOTE_WORDS - 1) for at in starts)
    return (
        FactKind.SHIELD, parties,
        [("units", units), ("fee", ",".join(said.number(fees + 1 + n) for n in range(count)))],
    )  # fmt: skip


def _unshield(said: _Said) -> Told:
    token = _fungible(said, said.words[1], said.words[2])
    parties = [("recipient", said.address(said.words[0])), ("pool", said.contract), ("token", token)]
    return FactKind.UNSHIELD, parties, [("units", said.number(4)), ("fee", said.number(5))]


def _fungible(said: _Said, kind: str, token: str) -> Address:
    if int(kind, 16):
        raise ValueError("no fungible token")
    return said.address(token)


def _approval(said: _Said) -> Told:
    owner, spender = (said.address(topic) for topic in said.topics)
    parties = [("owner", owner), ("spender", spender), ("token", said.contract)]
    return FactKind.APPROVAL, parties, [("units", said.number(0))]


def _safe_setup(said: _Said) -> Told:
    start = int(said.words[0], 16) // 32
    count = int(said.words[start], 16)
    if not 0 < count <= _MOST_OWNERS:
        raise ValueError("a Safe with no owner, or with more than anyone has")
    owners = [said.address(said.words[start + 1 + n]) for n in range(count)]
    parties = [("safe", said.contract), *(("owner", owner) for owner in owners)]
    return FactKind.SAFE_SETUP, parties, [("threshold", said.number(1))]


def _owner(kind: FactKind) -> Callable[[_Said], Told]:
    def read(said: _Said) -> Told:
        owner = said.address((said.topics or said.words)[0])
        return kind, [("safe", said.contract), ("owner", owner)], []

    return read


def _user_operation(said: _Said) -> Told:
    account, paymaster = said.address(said.topics[1]), said.topics[2]
    parties = [("sender", account), ("bundler", said.sender)]
    if int(paymaster, 16):
        parties.append(("paymaster", said.address(paymaster)))
    parties.append(("entry_point", said.contract))
    return FactKind.USER_OPERATION, parties, [("success", said.number(1))]


def _upgraded(said: _Said) -> Told:
    new = said.address((said.topics or said.words)[0])
    return FactKind.IMPLEMENTATION, [("proxy", said.contract), ("new", new)], []


def _mixer_deposit(said: _Said) -> Told:
    parties = [("depositor", said.sender), ("pool", said.contract)]
    return FactKind.MIXER_DEPOSIT, parties, [("leaf", said.number(0))]


def _mixer_withdrawal(said: _Said) -> Told:
    parties = [("recipient", said.address(said.words[0])), ("pool", said.contract)]
    if int(said.topics[0], 16):
        parties.append(("relayer", said.address(said.topics[0])))
    return FactKind.MIXER_WITHDRAWAL, parties, [("fee", said.number(2))]


def _mixer_reward(said: _Said) -> Told:
    if (said.contract.chain_id, said.contract.account) != REWARD_SWAP:
        raise ValueError("a swap of something else")
    return FactKind.MIXER_REWARD, [("recipient", said.address(said.topics[0]))], [("points", said.number(0))]


# By topic and how many topics the log has: a standard says which of its arguments are indexed.
_READERS: Mapping[tuple[str, int], Callable[[_Said], Told]] = {
    (APPROVAL, 3): _approval,
    (SAFE_SETUP, 2): _safe_setup,
    (SAFE_OWNER, 1): _owner(FactKind.SAFE_OWNER),
    (SAFE_OWNER, 2): _owner(FactKind.SAFE_OWNER),
    (SAFE_LEFT, 1): _owner(FactKind.SAFE_LEFT),
    (SAFE_LEFT, 2): _owner(FactKind.SAFE_LEFT),
    (USER_OPERATION, 4): _user_operation,
    (UPGRADED, 2): _upgraded,
    (MASTER_COPY, 1): _upgraded,
    (MIXER_DEPOSIT, 2): _mixer_deposit,
    (MIXER_WITHDRAWAL, 2): _mixer_withdrawal,
    (MIXER_REWARD, 2): _mixer_reward,
    (SHIELD, 1): _shield,
    (UNSHIELD, 1): _unshield,
}
