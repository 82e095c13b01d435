"""Banks and their accounts: the BIC that names a ledger, the IBAN that names an account on it.

Sources: ISO 9362 (BIC), ISO 13616 (IBAN, its lengths by country), ISO 7064 (mod 97-10), ISO 3166-1.
"""

from __future__ import annotations

import re

from flowtrace.errors import InputError

NAMESPACE = "iso20022"
"""What the id of a bank's ledger begins with: ``iso20022:BIC``."""
_BIC = re.compile(r"[A-Z0-9]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_HEAD_OFFICE, _BIC8 = "XXX", 8
_LISTED = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT "
    "BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH "
    "ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT "
    "HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
    "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI "
    "NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG "
    "SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG "
    "UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
_COUNTRIES = frozenset(_LISTED.split())
_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "AX DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE GG IE IM JE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "AO CV GW LY MZ PT ST",
    26: "DZ IR IS TR",
    27: "BI BL CF CG CM DJ FR GA GF GP GQ GR IT KM MC MF MG MQ MR NC PF PM RE SM TD TF WF YT",
    28: "AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_LENGTHS = {country: length for length, listed in _BY_LENGTH.items() for country in listed.split()}
_IBAN = re.compile(r"([A-Z]{2})[0-9]{2}[A-Z0-9]{11,30}")
_LIKE_IBAN = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{11,30}")
_OWN = re.compile(r"acct\.([A-Z0-9]{4,35})\.((?:[A-Za-z0-9-]|%[0-9A-F]{2}){1,102})")
_KEEPER = re.compile(r"[A-Z0-9]{4,35}")
_UNNAMED = re.compile(r"unnamed\.[0-9A-Za-z_-]{1,110}")
_PRINTED = re.compile(r"[ -~]{1,34}")  # Max34Text, as banks write account numbers
_REST, _REMAINDER = 97, 1


def read_bic(text: str) -> str:
    """Return a BIC in its one form: upper case, 8 characters, the branch behind them where it is one.

    ``XXX`` behind the eight says head office, as nothing does, and goes. Any other branch is kept: that its
    books are those of the head office is not said by the code.

    Raises
    ------
    InputError
        If it is no BIC.

    Examples
    --------
    >>> read_bic("cobadeffxxx"), read_bic("COBADEFF060")
    ('COBADEFF', 'COBADEFF060')
    """
    bic = text.strip().upper()
    found = _BIC.fullmatch(bic)
    if found is None or found[1] not in _COUNTRIES:
        raise InputError(
            f"{text[:40]!r} is not a BIC: it has 8 or 11 letters and digits, a country's two letters fifth "
            "and sixth, such as COBADEFF"
        )
    return bic[:_BIC8] if bic[_BIC8:] == _HEAD_OFFICE else bic


def read_iban(text: str) -> str:
    """Return an IBAN in its one form: upper case, without spaces.

    Raises
    ------
    InputError
        If its form, its country's length or its check digits are wrong.

    Examples
    --------
    >>> read_iban("gb82 west 1234 5698 7654 32")
    'GB82WEST12345698765432'
    """
    iban = text.replace(" ", "").upper()
    found = _IBAN.fullmatch(iban)
    if found is None or not iban.isascii():
        raise InputError(f"{text[:60]!r} is not an IBAN: a country's letters, two digits, the account")
    if found[1] not in _COUNTRIES:
        raise InputError(f"{text[:60]!r} is not an IBAN: {found[1]} is no country")
    length = _LENGTHS.get(found[1], len(iban))
    if len(iban) != length:
        raise InputError(
            f"{text[:60]!r} is not an IBAN: one of {found[1]} has {length} characters, not {len(iban)}"
        )
    if _number(iban[4:] + iban[:4]) % _REST != _REMAINDER:
        raise InputError(f"{text[:60]!r} is not an IBAN: its check digits are wrong; copy it again")
    return iban


def iban_of(country: str, bban: str) -> str:
    """Return the IBAN of an account as its country writes it, with its check digits.

    >>> iban_of("DE", "370400440532013000")
    'DE89370400440532013000'
    """
    return f"{country}{_REST + 1 - _number(f'{bban}{country}00') % _REST:02}{bban}"


def _number(signs: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in signs))


def resembles_iban(text: str) -> bool:
    """Tell whether a text is written as an IBAN is, whatever its check digits."""
    return _LIKE_IBAN.fullmatch(text.replace(" ", "")) is not None


def own_number(keeper: str, number: str) -> str:
    """Return an account that has no IBAN, in its guarded form: ``acct.KEEPER.NUMBER``; an IBAN as it is.

    Parameters
    ----------
    keeper
        The BIC of the bank that keeps it, or its clearing code. Without it a number names nothing: two banks
        give out the same one.
    number
        As the bank writes it, case and signs included; what is neither letter, digit nor ``-`` is escaped.

    Raises
    ------
    InputError
        If either is empty, too long, or not printable ASCII.

    Examples
    --------
    >>> own_number("BNPAFRPP", "12 34/a")
    'acct.BNPAFRPP.12%2034%2Fa'
    """
    if not _KEEPER.fullmatch(keeper) or not _PRINTED.fullmatch(number) or not number.strip():
        raise InputError(
            f"account {number[:60]!r} at {keeper[:60]!r} is not 1 to 34 printable characters at a bank"
        )
    if resembles_iban(number):
        try:
            return read_iban(number)  # one account has one name, whichever field a bank writes it in
        except InputError:
            pass
    signs = number.strip()
    return f"acct.{keeper}." + "".join(
        sign if sign.isalnum() or sign == "-" else f"%{ord(sign):02X}" for sign in signs
    )


def unnamed(place: str) -> str:
    """Return the account that stands for whoever one entry of a statement does not name.

    ``place`` is that entry's own name, so no two entries share one and nothing is ever merged with it.

    >>> unnamed("DE89370400440532013000-EUR-20240531-5-1-7")
    'unnamed.DE89370400440532013000-EUR-20240531-5-1-7'
    """
    return f"unnamed.{place}"


def is_unnamed(account: str) -> bool:
    """Tell whether an account is one that a statement does not name."""
    return account.startswith("unnamed.")


def read_account(text: str) -> str:
    """Return an account at a bank in its one form: an IBAN, or one of the two guarded forms.

    Raises
    ------
    InputError
        If it is none of them.
    """
    if _UNNAMED.fullmatch(text):
        return text
    found = _OWN.fullmatch(text)
    if found is not None:
        number = re.sub("%([0-9A-F]{2})", lambda escaped: chr(int(escaped[1], 16)), found[2])
        return own_number(found[1], number)
    return read_iban(text)
