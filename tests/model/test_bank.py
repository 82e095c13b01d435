"""Banks: a ledger for any BIC, an account for any IBAN, guarded forms for what has none, currencies."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flowtrace.errors import InputError
from flowtrace.model import Address, Amount, Asset, Chain, Family
from flowtrace.model.bank import own_number, read_bic, read_iban, unnamed
from model.nouns import german_iban

BANK = Chain.of("iso20022:COBADEFF")
# SWIFT's IBAN registry prints one example for each country; these are of every sort of length and letter.
REGISTRY = (
    "AL47 2121 1009 0000 0002 3569 8741",
    "BE68 5390 0754 7034",
    "BR18 0036 0305 0000 1000 9795 493C 1",
    "DE89 3704 0044 0532 0130 00",
    "FR14 2004 1010 0505 0001 3M02 606",
    "GB29 NWBK 6016 1331 9268 19",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "NL91 ABNA 0417 1643 00",
    "NO93 8601 1117 947",
    "CH93 0076 2011 6238 5295 7",
    "LC55 HEMM 0001 0001 0012 0012 0002 3015",
)


@pytest.mark.parametrize("printed", REGISTRY)
def test_the_registrys_examples_are_ibans(printed: str) -> None:
    """Printed in fours or run together, in either case, each is one Address."""
    run = printed.replace(" ", "")
    address = Address.parse(BANK, printed)
    assert address.account == run
    assert address == Address.parse(BANK, run.lower()) == Address.of(str(address))
    assert address.display == run


@given(st.integers(0, 10**18 - 1), st.integers(2, 21), st.integers(1, 9))
def test_every_single_wrong_digit_is_refused(number: int, place: int, more: int) -> None:
    """ISO 7064, mod 97-10: 'all single substitution errors' are detected."""
    good = german_iban(f"{number:018}")
    assert read_iban(good) == good
    wrong = good[:place] + str((int(good[place]) + more) % 10) + good[place + 1 :]
    with pytest.raises(InputError, match="check digits"):
        read_iban(wrong)


@given(st.integers(0, 10**18 - 1), st.integers(4, 20))
def test_every_transposition_of_neighbours_is_refused(number: int, place: int) -> None:
    """ISO 7064, mod 97-10: all transpositions of two neighbouring digits are detected."""
    good = german_iban(f"{number:018}")
    assume(good[place] != good[place + 1])
    with pytest.raises(InputError, match="check digits"):
        read_iban(good[:place] + good[place + 1] + good[place] + good[place + 2 :])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("DE8937040044053201300", "22 characters"),
        ("ZZ89370400440532013000", "no country"),
        ("DE89-3704-0044-0532-0130-00", "not an IBAN"),
        ("", "not an IBAN"),
        ("DE8\uff19370400440532013000", "not an IBAN"),
        ("acct.BNPAFRPP.", "not an IBAN"),
        ("acct.bnpa.1", "not an IBAN"),
        ("acct.BNPAFRPP.12/3", "not an IBAN"),
        ("acct.BNPAFRPP.%0A", "printable"),
        ("unnamed.", "not an IBAN"),
        ("unnamed.a b", "not an IBAN"),
    ],
)
def test_what_is_no_account_is_refused_by_name(text: str, why: str) -> None:
    """And a guarded form lets nothing through that is not in it."""
    with pytest.raises(InputError, match=why):
        Address(BANK.id, text)


_NUMBERS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=34)


@given(_NUMBERS, _NUMBERS)
def test_a_number_without_iban_keeps_every_sign(number: str, other: str) -> None:
    """Numbers of one bank that differ in anything but outer spaces are two addresses; so are two banks'."""
    assume(number.strip() and other.strip())
    account = own_number("BNPAFRPP", number)
    assert Address.of(str(Address(BANK.id, account))).account == account
    assert (account == own_number("BNPAFRPP", other)) == (number.strip() == other.strip())
    assert account != own_number("SOGEFRPP", number)


def test_an_iban_in_the_field_for_other_numbers_is_that_iban() -> None:
    """One account has one name, whichever field a bank writes it in."""
    assert own_number("BNPAFRPP", "DE89 3704 0044 0532 0130 00") == "DE89370400440532013000"


def test_unnamed_places_are_addresses_and_never_each_other() -> None:
    """They are told apart by the entry that they belong to."""
    one, other = (Address(BANK.id, unnamed(f"DE89-EUR-20240531-1-1-{n}")) for n in (1, 2))
    assert one != other
    assert one.short == "unnamed 1-1-1"


@pytest.mark.parametrize("text", ["COBADEFF", "cobadeff", "COBADEFFXXX", " cobadeffxxx "])
def test_one_bank_is_one_chain(text: str) -> None:
    """XXX is the head office, as eight characters are; case and outer spaces say nothing."""
    chain = Chain.of(f"iso20022:{text}")
    assert (chain.id, chain.family, chain.name) == ("iso20022:COBADEFF", Family.BANK, "COBADEFF")
    assert chain == BANK
    assert Chain.of(chain.id) == chain


def test_a_branch_keeps_books_of_its_own() -> None:
    """That its accounts are those of the head office is not said by its code."""
    assert read_bic("COBADEFF060") == "COBADEFF060"
    assert Chain.of("iso20022:COBADEFF060") != BANK


@pytest.mark.parametrize(
    "text", ["", "COBADEF", "COBADEFFX", "COBAZZFF", "COBA1EFF", "COB ADEFF", "COBADEFF:1"]
)
def test_what_is_no_bic_is_refused(text: str) -> None:
    """The message says what a BIC is."""
    with pytest.raises(InputError, match="is not a BIC"):
        Chain.of(f"iso20022:{text}")


@pytest.mark.parametrize(
    ("code", "places", "written"), [("EUR", 2, "1.50"), ("JPY", 0, "150"), ("KWD", 3, "0.150")]
)
def test_a_currency_counts_its_minor_unit(code: str, places: int, written: str) -> None:
    """ISO 4217 says how many places it has, and money is written with all of them."""
    asset = Asset.currency(BANK, code)
    assert (str(asset), asset.decimals) == (f"iso20022:COBADEFF/iso4217:{code}", places)
    assert Asset.of(str(asset)) == asset
    assert Asset.of(str(asset)).decimals == places
    assert str(Amount(asset, 150)) == f"{written} {code}"
    assert not asset.contract


@pytest.mark.parametrize(
    "text",
    [
        "iso20022:COBADEFF/iso4217:EURO",
        "iso20022:COBADEFF/iso4217:XAU",
        "iso20022:COBADEFF/slip44:60",
        "iso20022:COBADEFF/erc20:0x5fbdb2315678afecb367f032d93f642f64180aa3",
        "eip155:1/iso4217:EUR",
    ],
)
def test_banks_keep_currencies_and_nothing_else_does(text: str) -> None:
    """A coin at a bank, a token at a bank, a currency on a chain: each is refused."""
    with pytest.raises(InputError):
        Asset.of(text)


def test_a_bank_has_no_coin() -> None:
    """It keeps accounts in several currencies, none of which is its own."""
    with pytest.raises(InputError, match="has no coin"):
        Asset.native(BANK)
