"""The typology: which stages are there, each by its own definition; no attribution."""

from __future__ import annotations

from flowtrace.model import Address, Asset, Category, Transfer
from flowtrace_heuristics.pattern.typology import typology
from towns.pattern import MEN
from towns.readings import figures, patterns
from towns.shaped import DAY, USDT, flow, labelled, paid
from toytown import ONE, register

MIXED = paid("hide", "ann", "swirl", ONE)
FERRIED = paid("hop", "ann", "ferry", ONE, at=12)
CASHED = paid("cash", "ann", "acme hot", ONE, at=24)
THREE = [MIXED, FERRIED, CASHED]


def swap() -> list[Transfer]:
    """Return a transaction that takes USDT of Ann and gives her coin."""
    gave = paid("swap", "ann", "pool", 5 * 10**6, asset=USDT, at=600)
    return [gave, paid("swap", "pool", "ann", ONE, at=600)]


def stages(ledger: list[Transfer]) -> dict[str, str]:
    """Return what is said of each stage, of a ledger with three others."""
    (found,) = patterns(typology, flow([*THREE, *ledger]), MEN)
    return {name: value for name, value in found.figures if value != "not on record"}


def test_three_stages_and_no_name() -> None:
    """Issue 5: "DPRK typology presets, each a cited deterministic definition"; it names nobody."""
    (found,) = patterns(typology, flow(THREE), MEN)
    assert stages([]) == {
        "stages": "3",
        "bridge_to_bitcoin": "on record",
        "mixer": "on record",
        "deposits": "on record",
    }
    assert found.addresses == ()
    assert not typology.card.on
    assert "no attribution" in found.detail
    assert not patterns(typology, flow(THREE[:2]), MEN)
    assert not patterns(typology, flow(THREE))


def test_each_stage_by_its_own_definition() -> None:
    """A swap within one transaction, equal splits, a sleep, USDT on TRON: each adds itself alone."""
    equal = [paid(f"e{n}", "boss", f"r{n}", ONE, at=60 * n) for n in range(10)]
    sleep = [paid("lay", "a", "sleeper", 9), paid("wake", "sleeper", "b", 9, at=200 * DAY)]
    chain = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    tron_usdt = Asset.token(Address.parse("tron", chain), "USDT", 6, standard="trc20")
    ends = [Address.parse("tron", one) for one in (chain, "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8")]
    on_tron = [paid("tron", ends[0], ends[1], 7, asset=tron_usdt)]
    for more, name in (
        (swap(), "swap_to_native"),
        (equal, "equal_splits"),
        (sleep, "dormancy"),
        (on_tron, "tron_usdt"),
    ):
        assert set(stages(more)) - set(stages([])) == {name}
        assert stages(more)["stages"] == "4"


def test_a_swap_gives_a_freezable_token_for_the_coin_at_once() -> None:
    """Another transaction, another asset or another taker is no swap."""
    gave, got = swap()
    apart = paid("later", "pool", "ann", ONE, at=900)
    other = paid("swap", "pool", "ben", ONE, at=600)
    coin = paid("swap", "ann", "pool", ONE, at=600)
    for way in ([gave], [gave, apart], [gave, other], [coin]):
        assert "swap_to_native" not in stages(way)
    assert "swap_to_native" in stages([gave, got])


def test_a_bridge_to_elsewhere_is_no_bridge_to_bitcoin() -> None:
    """The preset names the bridges by which Bitcoin was reached."""
    other = register(*MEN.labels.values(), labelled("ferry", "ferry", Category.BRIDGE, text="Ferry to Base"))
    assert not patterns(typology, flow(THREE), other)
    assert figures(typology, flow([*THREE, *swap()]), "bridge_to_bitcoin", attribution=other) == [
        "not on record"
    ]
