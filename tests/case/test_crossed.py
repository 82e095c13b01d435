"""What a case knows of bridges: its own registry beside the shipped one, and where a trace ends at one."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossing_town import ARBITRUM, ETHEREUM, Town, bridge, who
from flowtrace.case.crossed import BRIDGES, crossings_of, registry_of, transfers_of, with_bridges
from flowtrace.crossing import shipped
from flowtrace.errors import InputError
from flowtrace.ledger import Ledger
from flowtrace.model import Address, StopReason

_OWN = (
    '[[contract]]\nprotocol = "thorchain"\nchain = "{chain}"\naddress = "{address}"\nrole = "vault"\n'
    'source = "s"\n'
)


def test_a_cases_own_registry_stands_beside_the_shipped_one(tmp_path: Path) -> None:
    """A vault that a person vouches for is known; the shipped contracts stay."""
    assert registry_of(tmp_path) == shipped()
    vault = "bc1qexampleexampleexampleexample"
    chain = "bip122:000000000019d6689c085ae165831e93"
    (tmp_path / BRIDGES).write_text(_OWN.format(chain=chain, address=vault), encoding="utf-8")
    book = registry_of(tmp_path)
    assert book.vaults(chain) == {vault: "thorchain"}
    assert set(shipped().contracts) < set(book.contracts)


@pytest.mark.parametrize(
    "text", ["[[contract]]\n", "nonsense", _OWN.format(chain="eip155:1", address="0xZZ")]
)
def test_a_registry_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    """The file is named, and why it cannot be read."""
    (tmp_path / BRIDGES).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=BRIDGES):
        registry_of(tmp_path)


def test_a_bridge_of_which_nothing_came_is_where_a_trace_ends(tmp_path: Path) -> None:
    """It says by which transaction, under which key, and that nothing came; other bridges end it too."""
    town = Town()
    town.cctp(who("ann"), who("cid", ARBITRUM), 5, nonce=1)
    whole = town.ledger()
    half = Ledger(whole, whole.coverage, facts=[one for one in whole.facts if one.chain_id == ETHEREUM.id])
    known = crossings_of(tmp_path, half)
    (one,) = known.unmet
    ends = with_bridges(lambda _: None, known, lambda _: None)
    assert one.address is not None
    end = ends(one.address)
    assert end is not None
    assert end.reason is StopReason.BRIDGE
    assert one.tx in end.basis
    assert "nothing is known to have come on Arbitrum" in end.basis
    other = ends(bridge("across", ETHEREUM))
    assert other is not None
    assert "no message of it" in other.basis
    assert ends(Address.parse(ETHEREUM, "0x" + "12" * 20)) is None
    met = crossings_of(tmp_path, whole)
    assert {t.tx for t in transfers_of(met, whole.transaction)} == {t.tx for t in whole}
