"""Who can be asked: the shipped services, the user's own servers, and their keys."""

from __future__ import annotations

import datetime as dt
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from types import ModuleType

import pytest

from flowtrace.errors import InputError
from flowtrace.fetch import provider
from flowtrace.fetch.ask import INDEX
from flowtrace.fetch.dialects import dialect, index, prices
from flowtrace.fetch.provider import NO_CHAIN, Provider, key_value, own_provider, providers
from flowtrace.model import CHAINS, Family, Key


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set variables of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def own(**variables: str) -> list[Provider]:
    """Return the servers of one's own that these variables set."""
    with environment(**variables):
        return [one for one in providers() if one.service == "own"]


def test_every_shipped_service_is_whole() -> None:
    """Ids are unique, limits positive, addresses complete and secure, and each says when it was looked up."""
    shipped = providers()
    assert len({one.id for one in shipped}) == len(shipped) >= 20
    for one in shipped:
        assert one.url.startswith("https://")
        assert not set("{}") & set(one.url)
        assert one.host
        assert "@" not in one.url
        assert one.requests > 0
        assert one.seconds > 0
        assert one.concurrent > 0
        assert dt.date.fromisoformat(one.verified_on) <= dt.date(2027, 12, 31)
        assert one.source
        assert not one.private


def test_every_kind_of_service_has_its_dialect() -> None:
    """What is shipped can be asked: its kind has a module with the three askings, or with one."""
    for one in providers():
        if one.kind == INDEX:
            assert callable(index(one.kind).operation)
        elif one.chain == NO_CHAIN:
            assert callable(prices(one.kind).price)
        else:
            speaks = dialect(one.kind)
            assert all(callable(getattr(speaks, name)) for name in ("head", "history", "transaction"))


def test_every_public_chain_but_two_has_a_service() -> None:
    """Without a key each has someone to ask; Ronin and Dogecoin have only servers of one's own."""
    keyless = {one.chain.name for one in providers() if not one.needs_key}
    public = {chain.name for chain in CHAINS if "regtest" not in chain.name}
    assert public - keyless == {"ronin", "dogecoin"}


def test_the_data_file_holds_nothing_else() -> None:
    """A misspelt field of the data file is found here, not by a user."""
    text = (resources.files("flowtrace.fetch") / "providers.toml").read_text(encoding="utf-8")
    known = {
        *("kind", "url", "key", "needs_key", "pace", "keyed", "concurrent", "page", "window", "depth"),
        *("verified_on", "source", "options", "chains"),
    }
    for fields in tomllib.loads(text).values():
        assert set(fields) <= known


def test_a_key_changes_the_pace() -> None:
    """With a key set, the pace is the one for key holders, and a service that needs one is ready."""
    plain = {one.id: one for one in providers()}
    with environment(ROUTESCAN_API_KEY="k", ETHERSCAN_API_KEY="k"):
        keyed = {one.id: one for one in providers()}
        assert keyed["etherscan@ethereum"].ready
    assert plain["routescan@ethereum"].requests < keyed["routescan@ethereum"].requests
    assert plain["mempool@bitcoin"].ready


def test_a_service_without_its_key_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Etherscan answers nobody without a key."""
    monkeypatch.delenv("ETHERSCAN_API_KEY", raising=False)
    assert not next(one for one in providers() if one.service == "etherscan").ready


def test_ones_own_servers_come_first() -> None:
    """Kind and chain are read from the variable's name; the address keeps its secrets."""
    found = own(
        FLOWTRACE_RPC_1="https://u:p@node.example:8545/KEY",
        FLOWTRACE_ESPLORA_BITCOIN="http://127.0.0.1:3000/api",
        FLOWTRACE_ELECTRUM_LITECOIN="tcp://[::1]:50001",
        FLOWTRACE_RPC_ETHEREUM="",
        FLOWTRACE_SOMETHING_ELSE="x",
    )
    assert [(one.id, one.kind, one.chain.name, one.url) for one in found] == [
        ("electrum_litecoin@litecoin", "electrum", "litecoin", "tcp://[::1]:50001"),
        ("esplora_bitcoin@bitcoin", "esplora", "bitcoin", "http://127.0.0.1:3000"),
        ("rpc_1@ethereum", "rpc", "ethereum", "https://node.example:8545"),
    ]
    assert all(
        one.private and one.needs_key and one.key == Key(one.key.name, "base") for one in found if one.key
    )
    assert found[1].depth == 6
    with environment(FLOWTRACE_RPC_1="https://node.example"):
        assert providers()[0].service == "own"


@pytest.mark.parametrize("chain", [one for one in CHAINS if one.family is Family.EVM])
def test_an_evm_chain_is_named_by_number_or_name(chain: object) -> None:
    """A chain's number and its name lead to the same server."""
    assert chain in CHAINS
    with environment(A="http://a.example", B="http://b.example"):
        number = getattr(chain, "id", "").partition(":")[2]
        assert (
            own_provider("A", "rpc", number).chain
            == own_provider("B", "rpc", getattr(chain, "name", "").upper()).chain
        )


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ftp://secret-x.example", "rpc"),
        ("secret-x", "rpc"),
        ("https://", "rpc"),
        ("https://secret-x:port/", "rpc"),
        ("https://secret-x:99999/", "rpc"),
        ("https://[secret-x/", "rpc"),
        ("http://secret-x:50001", "electrum"),
        ("tcp://secret-x:50001", "rpc"),
    ],
)
def test_an_address_that_is_none_is_named_and_not_repeated(address: str, kind: str) -> None:
    """The error names the variable; the address may hold a key, so it is not in the message."""
    with (
        environment(FLOWTRACE_X=address),
        pytest.raises(InputError, match="FLOWTRACE_X is not a URL") as error,
    ):
        own_provider("FLOWTRACE_X", kind, "bitcoin")
    assert "secret" not in str(error.value)


def test_what_else_is_said_of_ones_own_server() -> None:
    """Beside the address, the options: those of the dialect, the pace, the depth; the rest stays."""
    (node,) = own(
        FLOWTRACE_RPC_1="http://127.0.0.1:8545",
        FLOWTRACE_RPC_1_OPTIONS=" range=5000  scan=0 pace=5/2 concurrent=3 depth=12 ",
    )
    assert dict(node.options) == {"range": "5000", "scan": "0"}
    assert (node.requests, node.seconds, node.concurrent, node.depth) == (5, 2, 3, 12)
    (core,) = own(
        FLOWTRACE_BITCOIND_LITECOIN="http://x.example", FLOWTRACE_BITCOIND_LITECOIN_OPTIONS="blocks=9"
    )
    assert (dict(core.options), core.depth, core.concurrent) == ({"blocks": "9"}, 12, 8)
    (explorer,) = own(FLOWTRACE_EXPLORER_1="http://x.example", FLOWTRACE_EXPLORER_1_OPTIONS="page=7 rpc=-")
    assert (explorer.page, explorer.window, explorer.options["rpc"]) == (7, 10_000, "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            "rnage=5",
            "'rnage=5' is no option of such a server: write pace=REQUESTS/SECONDS, concurrent=NUMBER",
        ),
        ("blocks=5", "'blocks=5' is no option of such a server"),
        ("range", "'range' is no option of such a server"),
        ("range=many", "range is 'many': write a whole number, 1 at least"),
        ("range=0", "range is '0': write a whole number, 1 at least"),
        ("range=-5", "range is '-5'"),
        ("range=1e3", "range is '1e3'"),
        ("scan=1 scan=2", "scan is said twice"),
        ("pace=5", "pace is '5': write two numbers above 0, as in 5/1"),
        ("pace=0/1", "pace is '0/1'"),
        ("concurrent=33", "concurrent is '33': write a whole number from 1 to 32"),
    ],
)
def test_an_option_that_is_of_no_use_is_named(options: str, words: str) -> None:
    """The message names the variable, what is wrong, and what may be written."""
    with pytest.raises(InputError) as error:
        own(FLOWTRACE_RPC_1="http://127.0.0.1:8545", FLOWTRACE_RPC_1_OPTIONS=options)
    assert str(error.value).startswith(f"FLOWTRACE_RPC_1_OPTIONS: {words}")


def test_options_of_no_server_are_named() -> None:
    """Options without an address are a misspelt name: they are not passed over."""
    with pytest.raises(InputError, match="FLOWTRACE_RPC_10_OPTIONS is set, but no address of a server"):
        own(FLOWTRACE_RPC_1="http://127.0.0.1:8545", FLOWTRACE_RPC_10_OPTIONS="range=5")


def test_a_chain_with_a_hyphen_can_be_set_in_a_shell() -> None:
    """An underscore stands for it."""
    (found,) = own(FLOWTRACE_ESPLORA_LITECOIN_REGTEST="http://127.0.0.1:3000")
    assert found.chain.name == "litecoin-regtest"


def test_an_unknown_chain_is_named_with_its_variable() -> None:
    """A misspelt chain says which variable to correct."""
    with pytest.raises(InputError, match="FLOWTRACE_RPC_ETHERIUM names an unknown chain 'etherium'"):
        own(FLOWTRACE_RPC_ETHERIUM="http://node.example")


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Install a keyring that holds what the test puts into it; a value of "locked" raises."""
    held: dict[str, str] = {}
    errors, module = ModuleType("keyring.errors"), ModuleType("keyring")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]

    def get_password(_service: str, name: str) -> str | None:
        if held.get(name) == "locked":
            raise errors.KeyringError
        return held.get(name)

    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    provider._keyring.cache_clear()  # noqa: SLF001
    yield held
    provider._keyring.cache_clear()  # noqa: SLF001


def test_a_key_may_stand_in_the_keyring(keyring: dict[str, str]) -> None:
    """The environment comes first, then the keyring; one that is locked has nothing."""
    keyring |= {"SOME_KEY": "from the keyring", "LOCKED_KEY": "locked"}
    assert key_value("SOME_KEY") == "from the keyring"
    assert key_value("LOCKED_KEY") is None
    assert key_value("NO_KEY") is None
    with environment(SOME_KEY="from the environment"):
        assert key_value("SOME_KEY") == "from the environment"


def test_without_a_keyring_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyring is no part of the installation."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    provider._keyring.cache_clear()  # noqa: SLF001
    assert key_value("FLOWTRACE_NO_SUCH_KEY") is None
    provider._keyring.cache_clear()  # noqa: SLF001


def test_a_provider_is_known_by_its_host() -> None:
    """A pace is kept for a host and port, whoever is asked there."""
    hosts = {one.host for one in providers() if one.service == "sqd"}
    assert hosts == {"portal.sqd.dev"}
