"""Currencies and how many places each one's minor unit has.

Source: ISO 4217, list one (current), and those of list three that statements of the last years still name.
Metals, bond units and test codes are left out: they have no minor unit.
"""

from __future__ import annotations

from flowtrace.errors import InputError

_BY_PLACES = {
    0: "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
        "GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL LTL "
        "LVL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK "
        "PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS "
        "TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_PLACES = {code: places for places, listed in _BY_PLACES.items() for code in listed.split()}


def places_of(code: str) -> int:
    """Return how many places the minor unit of a currency has.

    Raises
    ------
    InputError
        If ISO 4217 knows no such currency.

    Examples
    --------
    >>> places_of("EUR"), places_of("JPY"), places_of("KWD")
    (2, 0, 3)
    """
    places = _PLACES.get(code)
    if places is None:
        raise InputError(f"{code[:20]!r} is not a currency of ISO 4217: write its three letters, such as EUR")
    return places
