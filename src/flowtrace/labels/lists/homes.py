"""The lists that are known: whose they are, where they are published, and what they can be read as."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Home:
    """One list.

    Attributes
    ----------
    id
        How it is named on the command line.
    title
        What it is.
    url
        Where its publisher gives it out; empty where it needs a person, who then adds the file.
    structured
        Whether addresses stand in fields of their own. Otherwise every text is searched for them, so what
        is found is an address that the list names, in whatever connection.
    page
        Where a person finds it.
    moves_to
        Ends of the host names to which the publisher may hand on: its own, and that of its store of files.
    """

    id: str
    title: str
    url: str
    page: str
    structured: bool = False
    moves_to: tuple[str, ...] = ()


_ALL = (
    Home(
        "ofac",
        "US Treasury, OFAC: Specially Designated Nationals",
        "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN_ADVANCED.XML",
        "https://sanctionslist.ofac.treas.gov",
        structured=True,
        moves_to=(".treas.gov", ".treasury.gov", ".amazonaws.com"),
    ),
    Home("fbi", "FBI: public service announcements with addresses", "", "https://www.ic3.gov/PSA"),
    Home(
        "un",
        "UN Security Council: consolidated list",
        "https://scsanctions.un.org/resources/xml/en/consolidated.xml",
        "https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list",
    ),
    Home(
        "eu",
        "EU: consolidated list of financial sanctions",
        "",
        "https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-to-"
        "eu-financial-sanctions",
    ),
    Home(
        "uk",
        "UK Sanctions List (FCDO)",
        "",
        "https://www.gov.uk/government/publications/the-uk-sanctions-list",
    ),
    Home(
        "dfat",
        "Australia, DFAT: consolidated list",
        "https://www.dfat.gov.au/sites/default/files/Australian_Sanctions_Consolidated_List.xlsx",
        "https://www.dfat.gov.au/international-relations/security/sanctions/consolidated-list",
    ),
    Home("mof", "Japan, Ministry of Finance: targets of economic sanctions", "", "https://www.mof.go.jp"),
    Home("nbctf", "Israel, NBCTF: seizure orders", "", "https://nbctf.mod.gov.il"),
    Home("other", "another list of addresses", "", ""),
)
HOMES = {home.id: home for home in _ALL}
