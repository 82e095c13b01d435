"""Which reader reads a kept answer: chosen by what the answer is and the URL it came from."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flowtrace.errors import InputError
from flowtrace.evidence import redacted
from flowtrace.fetch.explorer.recorded import read_txlist
from flowtrace.model import Coverage, Evidence, Transfer

ETHERSCAN = "etherscan"
_HOSTS = {"api.etherscan.io", "api-cn.etherscan.com"}  # mainnet, or the chain their chainid names


def media_of(url: str) -> str:
    """Return the kind of answer a URL gives.

    Raises
    ------
    InputError
        If no reader knows the service and action.
    """
    url = redacted(url)
    action = parse_qs(urlsplit(url).query).get("action", [""])[0]
    if urlsplit(url).hostname in _HOSTS and action == "txlist":
        return ETHERSCAN
    hosts = " and ".join(sorted(_HOSTS))
    msg = f"no reader for {url}: Etherscan account transactions (action=txlist) of {hosts} are read so far"
    raise InputError(msg)


def read_answer(evidence: Evidence, body: bytes) -> tuple[list[Transfer], list[Coverage]]:
    """Read one kept answer: its transfers, and how much of the truth they are.

    Raises
    ------
    InputError
        If the bytes are not what the source promises: cut off, an error answer, a wrong type.
    """
    media_of(evidence.request.url)
    transfers, coverage = read_txlist(evidence, body)
    return transfers, [coverage]
