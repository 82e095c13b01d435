"""STIX: read and written again by stix2, with the community's objects and the exact amounts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from flowtrace.model import Address, Requester, Result
from flowtrace.report.formats import exported
from flowtrace.report.formats.flow import Flow, Place
from flowtrace.report.formats.stix import wallets
from flowtrace.report.formats.stix_extension import DEFINITIONS, EXACT, TOOL
from report.broken import with_evil_text
from report.coin_result import coin_result
from report.formats.enlarged import HUGE, enlarged, renamed
from report.formats.readers import stix_payments
from report.formats.schemas import errors
from report.toy_result import ACME_DEPOSIT, MALLORY, toy_result

WALLET, TRANSACTION = "cryptocurrency-wallet", "cryptocurrency-transaction"
RESULTS: dict[str, Callable[[], Result]] = {
    "accounts": toy_result,
    "coins": coin_result,
    "huge": lambda: enlarged(toy_result(), HUGE + 1),
    "hostile": lambda: with_evil_text(renamed(toy_result(), "=1+1\u202e\x00\"'")),
}


def bundle(result: Result) -> dict[str, Any]:
    """Return the bundle."""
    read = json.loads(exported(result, ["stix"])["stix/stix-bundle.json"])
    assert isinstance(read, dict)
    return read


def of_kind(held: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the bundle's objects of a kind."""
    return [one for one in held["objects"] if one["type"] == kind]


@pytest.fixture(scope="module")
def stix2() -> Any:  # noqa: ANN401  a module that the project does not install
    """The library, with the community's two objects known to it: by their own package, else as that says."""
    library = pytest.importorskip("stix2", reason="stix2 is a test dependency: validates the STIX bundle")
    if find_spec("stix2extensions"):
        for kind in (WALLET, TRANSACTION):
            import_module(f"{_COMMUNITY}.{kind.replace('-', '_')}")
        return library
    text = library.properties.StringProperty
    moment, some, held = (getattr(library.properties, name) for name in _PROPERTIES)
    holder = library.properties.ReferenceProperty(valid_types="identity", spec_version="2.1")
    wallet = [("value", text(required=True)), ("holder_ref", holder)]
    transaction = [
        ("symbol", text(required=True)), ("value", text(required=True)), ("execution_time", moment()),
        ("input", some(held)), ("output", some(held)),
    ]  # fmt: skip
    library.v21.CustomObservable(WALLET, wallet, ["value"])(type("Wallet", (), {}))
    library.v21.CustomObservable(TRANSACTION, transaction, ["value", "symbol"])(type("Transaction", (), {}))
    return library


_COMMUNITY = "stix2extensions.definitions.scos"
_PROPERTIES = ("TimestampProperty", "ListProperty", "DictionaryProperty")


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_the_library_reads_the_bundle_and_writes_the_same(kind: str, stix2: Any) -> None:  # noqa: ANN401
    """Every object passes its checks, and comes out with every property and digit as it went in."""
    held = bundle(RESULTS[kind]())
    read = stix2.parse(json.dumps(held), allow_custom=True)
    again = json.loads(read.serialize())
    assert len(again["objects"]) == len(held["objects"])
    for one, other in zip(held["objects"], again["objects"], strict=True):
        assert _timeless(other) == _timeless(one)
    assert stix_payments(again["objects"]) == stix_payments(held["objects"])


def _timeless(one: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the library fills in or writes with other places of a second."""
    held = {name: value for name, value in one.items() if name not in {"revoked", "defanged"}}
    times = {name: value.replace(".000Z", "Z") for name, value in held.items() if name in _TIMES}
    return held | times


_TIMES = {"created", "modified", "published", "execution_time"}


def test_ids_of_observables_are_those_the_library_makes(stix2: Any) -> None:  # noqa: ANN401
    """So another producer's object of the same address or transaction merges with ours."""
    held = bundle(toy_result())
    wallet = stix2.registry.STIX2_OBJ_MAPS["2.1"]["observables"][WALLET]
    transaction = stix2.registry.STIX2_OBJ_MAPS["2.1"]["observables"][TRANSACTION]
    for one in of_kind(held, WALLET):
        assert wallet(value=one["value"]).id == one["id"]
    for one in of_kind(held, TRANSACTION):
        assert transaction(value=one["value"], symbol=one["symbol"]).id == one["id"]


def test_the_communitys_own_package_reads_our_objects(stix2: Any) -> None:  # noqa: ANN401
    """The extensions named are those of stix2extensions, ids and properties alike."""
    pytest.importorskip("stix2extensions", reason="stix2extensions is not installed: checks the ids it gives")
    held = bundle(toy_result())
    known = stix2.registry.STIX2_OBJ_MAPS["2.1"]["observables"]
    for kind in (WALLET, TRANSACTION):
        published = json.loads(known[kind].extension_definition.serialize())
        assert published in of_kind(held, "extension-definition")
        definition = published["id"]
        for one in of_kind(held, kind):
            assert known[kind](**one, allow_custom=True).id == one["id"]
            assert definition in one["extensions"]


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_the_extension_is_what_its_schema_says(kind: str) -> None:
    """The schema written beside the bundle holds for every extension in it, and is a schema."""
    files = exported(RESULTS[kind](), ["stix"])
    schema = files["stix/stix-exact-amounts.schema.json"]
    held = json.loads(files["stix/stix-bundle.json"])["objects"]
    extensions = [one["extensions"][EXACT] for one in held if EXACT in one.get("extensions", {})]
    assert extensions
    assert [wrong for extension in extensions for wrong in errors(schema, extension)] == []


def test_every_reference_is_in_the_bundle_and_every_id_once() -> None:
    """A bundle stands alone; an address of several rows is one wallet."""
    held = bundle(toy_result())
    ids = Counter(one["id"] for one in held["objects"])
    assert set(ids.values()) == {1}
    text = json.dumps([one for one in held["objects"] if one not in DEFINITIONS])
    named = {
        word
        for word in text.replace('"', " ").replace(",", " ").split()
        if word.rpartition("--")[0] in _KINDS
    }
    assert named <= set(ids)


_KINDS = {WALLET, TRANSACTION, "identity", "report", "note", "marking-definition"}


def test_no_number_floats_and_evm_addresses_are_lower_case() -> None:
    """The community's amounts are floating point, so none is there; case would make another wallet."""
    result = enlarged(toy_result(), HUGE + 1)
    text = exported(result, ["stix"])["stix/stix-bundle.json"].decode()

    def refuse(number: str) -> float:
        raise AssertionError(number)

    held = json.loads(text, parse_float=refuse)
    assert "amount" not in {
        key for one in of_kind(held, TRANSACTION) for side in one["output"] for key in side
    }
    assert {one["value"] for one in of_kind(held, WALLET)} == {
        one["value"].lower() for one in of_kind(held, WALLET)
    }


def test_the_holder_and_the_evidence_class_are_told() -> None:
    """A deposit address is held by the exchange, inferred (P); nobody holds the theft address."""
    held = bundle(toy_result())
    wallets = {one["value"]: one for one in of_kind(held, WALLET)}
    names = {one["id"]: one["name"] for one in of_kind(held, "identity")}
    deposit = wallets[ACME_DEPOSIT.account]
    assert names[deposit["holder_ref"]] == "Acme Exchange"
    assert deposit["extensions"][EXACT]["addresses"][0]["cls"] == "P"
    assert "holder_ref" not in wallets[MALLORY.account]


def test_an_address_on_two_ledgers_is_one_wallet_with_both() -> None:
    """STIX knows no ledger: the id is of the address alone, so the ledgers stand in the extension."""
    data = {"role": "intermediary", "cls": "D"}
    both = [Address(chain, MALLORY.account) for chain in ("eip155:1", "eip155:56")]
    places = {str(one): Place(str(one), one, one.chain, data) for one in both}
    (wallet,) = wallets(toy_result(), Flow(places, ()))
    assert [one["caip10"] for one in wallet["extensions"][EXACT]["addresses"]] == sorted(places)


def test_who_asks_is_the_author() -> None:
    """Where the case names nobody, flowtrace itself is; what is the same in every case has one author."""
    for asker, kind in (
        (Requester(name="Ann"), "individual"),
        (Requester(organisation="Org"), "organization"),
    ):
        held = bundle(toy_result(asker))
        author = next(one for one in of_kind(held, "identity") if one["name"] in {"Ann", "Org"})
        assert author["identity_class"] == kind
        (report,) = of_kind(held, "report")
        assert report["created_by_ref"] == author["id"]
        assert set(map(json.dumps, DEFINITIONS)) <= set(map(json.dumps, held["objects"]))


def test_what_may_not_be_shared_is_marked() -> None:
    """Every object carries the case's TLP 2.0 label."""
    held = bundle(toy_result())
    (marking,) = of_kind(held, "marking-definition")
    assert marking["name"] == "TLP:AMBER"
    others = [one for one in held["objects"] if one is not marking and one not in (*DEFINITIONS, TOOL)]
    assert {tuple(one["object_marking_refs"]) for one in others} == {(marking["id"],)}
    assert {one["created_by_ref"] for one in others if "created" in one} == {TOOL["id"]}
