"""The portal's errors as its makers publish them: each ends as it must; one that passes leaves no trace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from fetch.askings import through_the_door
from fetch.portal_dataset import run
from fetch.portal_published import lines, metadata, refused, told
from fetch.portal_service import provider
from fetch.services import Reply
from flowtrace.errors import KeyRefusedError, ReorgError, SourceError
from flowtrace.fetch.portal import dialect
from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import ETHEREUM, Address, Chain, Request

BITCOIN = Chain.of("bitcoin")
NOBODY = Address.parse(BITCOIN, "bc1qxhmdufsvnuaaaer4ynz88fspdsxq2h9e9cetdj")
BLOCK = {"number": 942_000, "hash": "0" * 64, "timestamp": 1_774_000_000}


@dataclass
class Said:
    """A Bitcoin dataset of one block that answers a stream as told, the first so many times."""

    reply: Reply
    times: int = 1 << 30
    provider: Provider = field(default_factory=lambda: provider(BITCOIN))
    address: Address = NOBODY
    pin: Pin = field(default_factory=lambda: Pin(BITCOIN.id, 942_000, "0" * 64))

    def answer(self, request: Request) -> Reply:
        """Answer as told, then well."""
        if request.method == "GET":
            return metadata("bitcoin-mainnet", start=942_000)
        self.times -= 1
        return self.reply if self.times >= 0 else lines({"header": BLOCK})


OVERLOADED = refused(
    529, "rate_limit_error", "overloaded Service is overloaded, please try again later", Retry_After="10"
)
Refusal = tuple[Reply, type[Exception], int, str]
# Per error: the answer; the error that it ends in; how many requests for it leave; words that are told.
# One that may pass is sent six times, and for less at once: with 400 pieces, with 20, with one.
REFUSALS: list[Refusal] = [
    (refused(400, "invalid_request_error", "malformed_request unknown field `fooBar`"), SourceError, 1,
     "status 400, invalid_request_error malformed_request unknown field"),
    (refused(400, "invalid_request_error", "malformed_request the block range is empty: try again later"),
     SourceError, 1, "status 400"),
    (refused(404, "invalid_request_error", "unknown_dataset no such dataset"), SourceError, 1, "status 404"),
    (refused(404, "invalid_request_error", "not_found no such route"), SourceError, 1, "status 404"),
    (refused(405, "invalid_request_error", "method_not_allowed use POST", Allow="POST"), SourceError, 1,
     "status 405"),
    (OVERLOADED, SourceError, 18, "failed 6 times in a row: status 529 rate_limit_error overloaded"),
    (refused(429, "rate_limit_error", "overloaded busy", Retry_After="1"), SourceError, 18, "status 429"),
    (refused(503, "availability_error", "no_workers none holds it"), SourceError, 18, "no_workers"),
    (refused(503, "availability_error", "retries_exhausted gave up"), SourceError, 18, "retries_exhausted"),
    (refused(502, "availability_error", "upstream_unavailable it is down"), SourceError, 18, "status 502"),
    (refused(500, "api_error", "worker_failure a bug"), SourceError, 18, "worker_failure"),
    (refused(500, "api_error", "internal_error unauthorized"), SourceError, 18, "internal_error"),
    (refused(401, "authentication_error", "missing_credential No API key", WWW_Authenticate="Bearer"),
     KeyRefusedError, 1, "missing_credential"),
    (refused(401, "authentication_error", "expired_credential it is past its expiry"), KeyRefusedError, 1,
     "expired_credential"),
    (refused(403, "permission_error", "dataset_not_allowed the key does not cover it"), SourceError, 3,
     "dataset_not_allowed"),
    ((204, {"x-sqd-head-number": "941999"}, b""), SourceError, 3, "status 204"),
]  # fmt: skip


@pytest.mark.parametrize("refusal", REFUSALS, ids=range(len(REFUSALS)))
def test_every_published_refusal_ends_in_its_error(refusal: Refusal) -> None:
    """Type before words: what may pass is asked again, what cannot is not, and the code is told."""
    reply, kind, count, words = refusal
    ran = through_the_door(Said(reply))
    assert type(ran.error) is kind
    assert words in str(ran.error)
    assert len([one for one in ran.sent if one.request.method == "POST"]) == count


@pytest.mark.parametrize("reply", [reply for reply, _, count, _ in REFUSALS if count == 18])
def test_a_refusal_that_passes_leaves_no_trace(reply: Reply) -> None:
    """Once refused, then answered: the history is the one without a refusal."""
    ran = through_the_door(Said(reply, times=1))
    assert ran.error is None
    assert ran.told == through_the_door(Said(reply, times=0)).told == ran.again


def test_the_interval_of_a_refusal_is_kept() -> None:
    """``Retry-After`` is "in seconds, never an HTTP date", and honoured."""
    ran = through_the_door(Said(OVERLOADED, times=1))
    refused_at, again = [one.at for one in ran.sent if one.request.method == "POST"]
    assert again - refused_at >= 10


# docs/openapi/02-blockchain-forks.md at 2320da88bdad; of its hashes only the beginnings are printed there.
FORK = {
    "error": {
        "type": "invalid_request_error",
        "code": "base_block_mismatch",
        "message": "Base block mismatch",
    },
    "previousBlocks": [
        {"number": 21_780_872, "hash": "0xf6a96a29" + "00" * 28},
        {"number": 21_780_871, "hash": "0xab12cd" + "00" * 29},
    ],
}


@pytest.mark.parametrize("turned", [False, True])
def test_the_published_conflict_is_rolled_back_to_the_block_both_know(turned: bool) -> None:  # noqa: FBT001  a table
    """The guide sorts it newest first, the binding oldest first; "at least the parent" is in it."""
    known = [
        {"number": 21_780_871, "hash": "0xab12cd" + "00" * 29},
        {"number": 21_780_872, "hash": "0x" + "01" * 32},
    ]
    seen = lines(*({"header": one | {"timestamp": 1_738_700_000}} for one in known))
    listed = FORK["previousBlocks"]
    conflict = told(FORK | {"previousBlocks": listed[::-1] if turned else listed}, 409)  # type: ignore[index]
    streams = iter([seen, conflict])
    asked: list[Mapping[str, Any]] = []

    def answer(request: Request) -> Reply:
        if request.method == "GET":
            return metadata("ethereum-mainnet", start=21_780_871)
        asked.append(json.loads(request.body))
        return next(streams)

    address = Address.parse(ETHEREUM, "0x" + "a1" * 20)
    with pytest.raises(ReorgError) as error:
        run(dialect.history(provider(), address, Pin(ETHEREUM.id, 21_780_900)), answer, provider())
    assert error.value.height == 21_780_872
    assert (asked[1]["fromBlock"], asked[1]["parentBlockHash"]) == (21_780_873, "0x" + "01" * 32)
