"""One recorded ``txlist`` answer of Etherscan, as somebody else took it: read by itself, page or not."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from flowtrace.errors import InputError
from flowtrace.fetch.explorer.rows import Row, rows_of, told, whole
from flowtrace.model import Address, Chain, Coverage, Evidence, Scope, Transfer, read_units

PAGE_LIMIT = 10_000


def read_txlist(evidence: Evidence, body: bytes) -> tuple[list[Transfer], Coverage]:
    """Read a ``txlist`` answer: per transaction a fee, a value, and what its call decodes to.

    Raises
    ------
    InputError
        If the answer is cut off, is an error, or a row lacks a field or holds no integer.
    """
    asked = _Asked.of(evidence)
    try:
        rows = rows_of(body, "txlist")
        found = told("txlist", asked.address, rows)
    except InputError as error:
        link = " " if str(error).startswith("is ") else ": "
        raise InputError(f"answer {evidence.request.url}{link}{error}") from None
    return list(found.transfers), _coverage(asked, rows, found.unread)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the URL of an answer asked for."""

    evidence: Evidence
    address: Address
    first: int
    last: int
    page: int
    offset: int

    @classmethod
    def of(cls, evidence: Evidence) -> _Asked:
        query = {key: values[0] for key, values in parse_qs(urlsplit(evidence.request.url).query).items()}
        if "address" not in query:
            msg = f"{evidence.request.url} asks for no address: a txlist answer is of one address"
            raise InputError(msg)
        wanted = (("startblock", "0"), ("endblock", "0"), ("page", "1"), ("offset", str(PAGE_LIMIT)))
        try:
            chain = Chain.of(f"eip155:{query.get('chainid', '1')}")
            address = Address.parse(chain, query["address"])
            return cls(evidence, address, *(read_units(query.get(name, usual)) for name, usual in wanted))
        except InputError as error:
            msg = f"{evidence.request.url} cannot be read: {error}"
            raise InputError(msg) from None


def _coverage(asked: _Asked, rows: list[dict[str, str]], unread: int) -> Coverage:
    """Say how complete the answer is: below the page limit, and every nonce of the address present."""
    heads = [whole(r, "blockNumber") + whole(r, "confirmations") for r in rows if r.get("confirmations")]
    last = min(max(heads, default=asked.last), asked.last or max(heads, default=0))
    entire = len(rows) < min(PAGE_LIMIT, asked.offset) and asked.page == 1 and asked.first == 0
    gap, check = nonces(asked.address, rows)
    if not entire:
        check = (
            f"the answer holds {len(rows)} rows and is one page of several, or starts late: there may be more"
        )
    if unread:
        check += f"; {unread} calls have broken arguments and are not decoded"
    return Coverage(
        address=asked.address,
        scope=Scope.EXTERNAL,
        first=asked.first,
        last=last,
        complete=entire and not gap,
        check=check,
        fetched_at=asked.evidence.fetched_at,
        source=f"{urlsplit(asked.evidence.request.url).hostname} txlist",
    )


def nonces(address: Address, rows: list[dict[str, str]] | list[Row]) -> tuple[bool, str]:
    """Return whether an outgoing transaction is missing among ``txlist`` rows, and what its nonces say."""
    held = sorted({whole(r, "nonce") for r in rows if r["from"].lower() == address.account})
    gap = next((place for place, nonce in enumerate(held) if place != nonce), None)
    if gap is not None:
        more = held[-1] - len(held)
        return True, f"outgoing transactions are missing: nonce {gap} and {more} more"
    if held:
        return (
            False,
            f"{len(rows)} rows; {len(held)} outgoing transactions, nonces 0 to {held[-1]} all present",
        )
    return False, f"{len(rows)} rows; no outgoing transaction, so no nonce to check by"
