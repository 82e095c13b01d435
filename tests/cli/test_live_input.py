"""What an investigator may get wrong with a live case: one line that names it, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from case.world import MID, THIEF, Server, world_fixture  # noqa: F401  a fixture, by name
from commands import Command
from flowtrace.case import resembles

ONLY = ("--source", "own")
TX = "0x" + "cb" * 32


MISTYPED = {
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx": "not an address on bitcoin: its bech32 checksum",
    "ltc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx": "not an address on litecoin: its bech32 checksum",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb": "not an address on bitcoin: its base58 checksum",
    "TJRabPrwbZy45sbavfcjinPJC18kjpRTv9": "not an address on tron: its base58 checksum",
    "D5jhbYLTsMVnbaP1eQzFzDLbGEk5dFo3m9": "not an address on dogecoin: its base58 checksum",
    "0x098B716B8Aaf21512996DC57EB0615e2383E2f97": "its EIP-55 checksum is wrong",
    "0x098B716B8Aaf21512996DC57EB0615e2383E2f9": "an address is 0x and 40 hexadecimal digits",
    "cb" * 31 + "c": "is no transaction: its hash would have 64 hexadecimal digits, not 63",
}


@pytest.mark.parametrize("text", MISTYPED)
def test_a_mistyped_address_is_named(text: str, command: Command, tmp_path: Path) -> None:
    """The chain it looks like and what is wrong; no case is begun."""
    for verb in ("trace", "fetch"):
        code, out, err = command(verb, text, "--case", tmp_path / "live")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert MISTYPED[text] in err
    assert not (tmp_path / "live").exists()


@pytest.mark.parametrize("text", ["", "x", "a case", "T", "bc1", "my-case-of-2024-with-a-long-name", "1A1"])
def test_what_is_like_nothing_is_no_address(text: str) -> None:
    """The name of a folder that is not there is not taken for an address."""
    assert resembles(text) == ""


def test_an_address_of_another_chain(command: Command) -> None:
    """Said to be of TRON, an Ethereum address is refused with the reason."""
    code, _, err = command("trace", THIEF, "--chain", "tron")
    assert (code, "is not an address on tron" in err) == (2, True)


def test_a_transaction_is_not_fetched(command: Command) -> None:
    """The verb that takes one is named."""
    code, _, err = command("fetch", THIEF, TX)
    assert (code, "is a transaction: flowtrace trace follows it" in err) == (2, True)


def test_a_case_about_something_else(world: Server, command: Command) -> None:
    """A folder that is about another address is not worked under this one's name; fetch may add to it."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "live", "--requests", "12")[0] == 3
    seen = sum(world.seen.values())
    code, _, err = command("trace", MID, *ONLY, "-q", "--case", "live")
    assert (code, sum(world.seen.values())) == (2, seen)
    assert f"live is a case about eip155:1:{THIEF}" in err
    assert "name another with --case" in err
    assert command("fetch", MID, *ONLY, "-q", "--case", "live")[0] == 0


def test_addresses_that_begin_alike_do_not_share_a_case(world: Server, command: Command) -> None:
    """A look-alike address, as poisoners make them, would take the folder of the real one: it is refused."""
    like = THIEF[:-4] + "9999"
    assert command("trace", THIEF, *ONLY, "-q", "--requests", "12")[0] == 3
    code, _, err = command("trace", like, *ONLY, "-q")
    assert (code, f"is a case about eip155:1:{THIEF}, not eip155:1:{like}" in err) == (2, True)
    assert world.seen


def test_a_source_that_there_is_not(command: Command, tmp_path: Path) -> None:
    """It is named, before anything is asked of the others."""
    for name, words in (("nosuch", "no source is called 'nosuch'"), ("own", "no server of your own is set")):
        code, _, err = command("trace", THIEF, "--source", name, "--case", tmp_path / "live")
        assert (code, err.count("\n"), words in err) == (2, 1, True)
        assert "flowtrace sources lists them" in err
        assert command("trace", THIEF, "--dry-run", "--source", name, "--case", tmp_path / "live")[0] == 2


def test_a_source_is_named_as_it_is_listed(world: Server, command: Command) -> None:
    """By the name of its service, by its own, with or without the chain: as `flowtrace sources` has it."""
    for name in ("own", "explorer_1", "explorer_1@ethereum"):
        code, out, _ = command("trace", THIEF, "--dry-run", "--source", name, "--case", "live")
        assert (code, out.count("@")) == (0, 1)
    assert not world.seen


def test_an_unset_key(world: Server, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code 4 and the name it is set under."""
    monkeypatch.delenv("ETHERSCAN_API_KEY", raising=False)
    code, out, err = command("trace", THIEF, "--source", "etherscan", "--case", "live")
    assert (code, out, err.count("flowtrace: ")) == (4, "", 1)
    assert "a key is not set in the environment or keyring (etherscan@ethereum: ETHERSCAN_API_KEY)" in err
    assert not world.seen


def test_a_chain_without_a_source(world: Server, command: Command) -> None:
    """Code 3; the variable that would name a server of one's own."""
    code, _, err = command("trace", THIEF, "--chain", "ronin", "--case", "live")
    assert (code, "no source of ronin is known: set one of your own in FLOWTRACE_RPC_RONIN" in err) == (
        3,
        True,
    )
    assert not world.seen


def test_a_transaction_of_another_chain(world: Server, command: Command) -> None:
    """What is no transaction of the chain it was taken for says how to name another."""
    code, _, err = command("trace", TX, *ONLY, "--case", "live")
    assert code == 3
    assert "If it is of another chain than ethereum, name that with --chain" in err
    assert world.seen


def test_a_budget_that_ends_before_anything_is_known(world: Server, command: Command) -> None:
    """Nothing can be reported: the reason is the budget, and not that nothing came to the address."""
    code, out, err = command("trace", THIEF, *ONLY, "-q", "--case", "live", "--requests", "3")
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "the budget of requests is spent: run the same command again" in err
    assert world.seen


def test_a_budget_that_ends_at_the_prices(world: Server, command: Command) -> None:
    """The report is written all the same; code 3 says that it is not all."""
    assert command("trace", THIEF, *ONLY, "-q", "--case", "whole")[0] == 0
    needed = str(sum(world.seen.values()))
    code, out, err = command("trace", THIEF, *ONLY, "-q", "--case", "cut", "--prices", "--requests", needed)
    assert (code, "Tornado Cash" in out) == (3, True)
    assert "the trace is not complete: the budget of requests is spent" in err
    assert Path("cut", "out", "report.pdf").is_file()


def test_offline_before_anything_was_fetched(world: Server, command: Command) -> None:
    """There is nothing to work on: the next step is to fetch."""
    code, _, err = command("trace", THIEF, "--offline", "--case", "live")
    assert (code, "live holds nothing yet: run the same command once without --offline" in err) == (3, True)
    assert not world.seen


def test_a_seed_that_is_crowded(world: Server, command: Command) -> None:
    """An address with more transfers than are read cannot be begun at: what to do instead is said."""
    assert command("trace", THIEF, *ONLY, "--case", "live", "--dry-run")[0] == 0
    with Path("live", "case.toml").open("a", encoding="utf-8") as settings:
        settings.write("[policy]\nmost = 2\n")
    code, _, err = command("trace", "live", *ONLY, "-q")
    assert (code, err.count("\n")) == (3, 1)
    assert f"{THIEF} has more than 2 transfers, so it is not followed: begin at a transaction" in err
    assert world.seen


def test_sources_of_a_chain(command: Command) -> None:
    """A chain is named in any case of letters; one that is unknown is an error and not an empty list."""
    code, out, _ = command("sources", "--chain", "Bitcoin")
    assert (code, "mempool@bitcoin" in out, "ethereum" in out) == (0, True, False)
    code, out, err = command("sources", "--chain", "bitcon")
    assert (code, out, "unknown chain 'bitcon'" in err) == (2, "", True)
