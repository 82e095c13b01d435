"""Where a trace ends by what an address is, whoever labelled it or did not."""

from __future__ import annotations

import pytest

from flowtrace import labels
from flowtrace.case.work import end_of_addresses
from flowtrace.model import NOBODY, Address, Class, StopReason

WETH, WPOL = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "0x0d500B1d8E8eF31E21C99d1Db9A6444d3ADf1270"


@pytest.mark.parametrize(
    ("chain", "account", "why"),
    [
        ("ethereum", NOBODY, "the zero address"),
        ("base", NOBODY, "the zero address"),
        ("ethereum", WETH, "the contract of WETH"),
        ("polygon", WPOL, "the contract of WPOL"),
    ],
)
def test_value_that_is_unwrapped_is_followed_to_nobody(chain: str, account: str, why: str) -> None:
    """The zero address is everybody's, and so is a contract that wraps coin: neither is followed further."""
    end = end_of_addresses(labels.load_labels(()), ())(Address.parse(chain, account))
    assert end is not None
    assert (end.reason, end.entity, end.cls) == (StopReason.SERVICE, None, Class.D)
    assert end.basis.startswith(why)


@pytest.mark.parametrize(("chain", "account"), [("polygon", WETH), ("ethereum", "0x" + "00" * 19 + "01")])
def test_others_are_followed(chain: str, account: str) -> None:
    """The same account of another chain, and any other account, is what its labels say."""
    assert end_of_addresses(labels.load_labels(()), ())(Address.parse(chain, account)) is None


@pytest.mark.parametrize(
    ("chain", "account", "name"),
    [
        ("bitcoin", "14CEGbEgJvuWhL9vp37xmTzhrNzPJCCoED", "ChipMixer"),
        ("bitcoin", "15PggTG7YhJKiE6B16vkKzA1YDTZipXEX4", "Blender.io"),
        ("bitcoin", "1JHdQHkBZiim1cb4hyUh2PbzEbbg6z2TrF", "Sinbad.io"),
        ("ethereum", "0xFA7093CDD9EE6932B4eb2c9e1cde7CE00B1FA4b9", "Railgun"),
    ],
)
def test_a_mixer_is_an_end_by_its_name(chain: str, account: str, name: str) -> None:
    """Chips are made before anything is paid in: there is no way through, and the trace ends at the name."""
    end = end_of_addresses(labels.load_labels(()), ())(Address.parse(chain, account))
    assert end is not None
    assert end.reason is StopReason.MIXER
    assert end.entity is not None
    assert end.entity.name == name
    assert end.cls is Class.P
