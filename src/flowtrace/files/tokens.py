"""What is known of tokens from files: their decimals and symbols, and which contracts keep amounts at all.

A token's symbol and decimals are what its contract chose to answer. What cannot be read there is unknown, not
an error: anyone can deploy a contract that answers nonsense.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from flowtrace.errors import InputError
from flowtrace.files.cells import address, yes_or_none
from flowtrace.files.columns import Row, Table, shown
from flowtrace.model import Address, Asset, Chain

_DECIMALS = re.compile(r"[0-9]{1,3}")
_MOST_DECIMALS = 255


@dataclass
class Tokens:
    """Contracts, each with what the files say of it.

    Attributes
    ----------
    assets
        Tokens whose decimals are told: those keep amounts.
    items
        Contracts of numbered items, ERC-721, as a table of contracts says.
    """

    chain: Chain
    assets: dict[Address, Asset] = field(default_factory=dict)
    items: dict[Address, bool] = field(default_factory=dict)

    @classmethod
    def read(cls, chain: Chain, tokens: Iterable[Table], contracts: Iterable[Table] = ()) -> Tokens:
        """Read tables of tokens and of contracts.

        Raises
        ------
        InputError
            If an address is none, or two rows differ on a token's decimals.
        """
        found = cls(chain)
        for row in (row for table in tokens for row in table):
            found._token(row)
        for row in (row for table in contracts for row in table):
            kinds = yes_or_none(row, "is_erc20"), yes_or_none(row, "is_erc721")
            if kinds in ((True, False), (False, True)):
                found.items[address(row, "address", chain)] = bool(kinds[1])
        return found

    def _token(self, row: Row) -> None:
        contract, decimals = address(row, "address", self.chain), row.text("decimals")
        if not _DECIMALS.fullmatch(decimals) or int(decimals) > _MOST_DECIMALS:
            return
        asset = Asset.token(contract, row.text("symbol"), int(decimals))
        held = self.assets.setdefault(contract, asset)
        if held.decimals != asset.decimals:
            row.refuse("decimals", f"is {decimals}, where another row says {held.decimals} of {contract}")
        if not held.symbol:
            self.assets[contract] = asset

    def asset(self, contract: Address) -> Asset:
        """Return the token a contract keeps, with its decimals where they are told."""
        return self.assets.get(contract) or Asset.token(contract, "", 0)

    def keeps_items(self, contract: Address) -> bool | None:
        """Tell whether a contract keeps numbered items; None where no file says what it keeps."""
        if contract in self.items:
            return self.items[contract]
        return False if contract in self.assets else None


def stated_tokens(chain: Chain, words: Iterable[str]) -> bytes:
    """Return decimals stated by a person, as ``TOKEN=DECIMALS``, as the bytes of a table to keep.

    Raises
    ------
    InputError
        If a word is not of that form.

    Examples
    --------
    >>> word = "0xdAC17F958D2ee523a2206206994597C13D831ec7=6"
    >>> stated_tokens(Chain.of("ethereum"), [word]).decode().split()
    ['address,decimals', '0xdac17f958d2ee523a2206206994597c13d831ec7,6']
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("address", "decimals"))
    for word in words:
        token, _, decimals = word.partition("=")
        if not _DECIMALS.fullmatch(decimals) or int(decimals) > _MOST_DECIMALS:
            raise InputError(f"{shown(word)} does not state a token's decimals: write it as TOKEN=DECIMALS")
        writer.writerow((Address.parse(chain, token).account, int(decimals)))
    return out.getvalue().encode()


def unknown_token(contract: Address) -> str:
    """Return why a row of a token cannot be read, and what to do."""
    return (
        f"no file here says how many decimals token {contract.display} has, or whether it keeps amounts at "
        f"all: state it as {contract.display}=DECIMALS, or import a table of tokens"
    )
