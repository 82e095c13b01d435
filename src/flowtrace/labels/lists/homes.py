"""The lists that are known: whose they are, where they are published, and how they are to be had."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a home gives out, by which an apology is told from a list."""

    XML = "XML"
    TABLE = "spreadsheet"
    PAGE = "web page"


@dataclass(frozen=True, slots=True)
class Home:
    """One list.

    Attributes
    ----------
    id
        How it is named on the command line.
    title
        What it is.
    urls
        Where its publisher gives it out; none where it needs a person, who then adds the file. Several are
        several announcements, each a file of its own.
    page
        Where a person finds it.
    structured
        Whether every file of it holds addresses: one without is no file of it.
    moves_to
        Ends of the host names to which the publisher may hand on: its own, and that of its store of files.
    kind
        What comes from there.
    token
        The setting (environment or keyring) that holds the token its publisher asks for, which goes into the
        query of the address as ``token``.
    index
        A page of the publisher's that names the file, where it has no lasting address or that has failed.
    link
        The form of the file's address on that page: a regular expression.
    whole
        Whether each file is the whole list, so that what it no longer holds is delisted. An announcement or
        an order says nothing of the others.
    entries
        Whether its published form is known, so that a file whose entries cannot be told wants a warning.
    """

    id: str
    title: str
    urls: tuple[str, ...]
    page: str
    structured: bool = False
    moves_to: tuple[str, ...] = ()
    kind: Kind = Kind.XML
    token: str = ""
    index: str = ""
    link: str = ""
    whole: bool = True
    entries: bool = True

    @property
    def asked(self) -> bool:
        """Whether it can be asked for at all, by a program."""
        return bool(self.urls or self.index)


_STAKE = "fbi-identifies-lazarus-group-cyber-actors-as-responsible-for-theft-of-41-million-from-stakecom"
_RELEASES = "https://www.fbi.gov/news/press-releases"
_MOF = "https://www.mof.go.jp/policy/international_policy/gaitame_kawase/gaitame/economic_sanctions/list.html"
_ALL = (
    Home(
        "ofac",
        "US Treasury, OFAC: Specially Designated Nationals",
        ("https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN_ADVANCED.XML",),
        "https://sanctionslist.ofac.treas.gov",
        structured=True,
        # The second is the part of Amazon's store that only US agencies and those vetted for them may use.
        moves_to=(".treas.gov", ".treasury.gov", ".s3.us-gov-west-1.amazonaws.com"),
    ),
    Home(
        "fbi",
        "FBI: public service announcements and press releases with addresses",
        (
            "https://www.ic3.gov/PSA/2025/PSA250226",
            f"{_RELEASES}/{_STAKE}",
            f"{_RELEASES}/fbi-identifies-cryptocurrency-funds-stolen-by-dprk",
        ),
        "https://www.ic3.gov/PSA",
        structured=True,
        moves_to=(".ic3.gov", ".fbi.gov"),
        kind=Kind.PAGE,
        whole=False,
    ),
    Home(
        "un",
        "UN Security Council: consolidated list",
        ("https://scsanctions.un.org/resources/xml/en/consolidated.xml",),
        "https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list",
        moves_to=(".un.org", "unsolprodfiles.blob.core.windows.net"),
    ),
    Home(
        "eu",
        "EU: consolidated list of financial sanctions",
        ("https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content",),
        "https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-to-"
        "eu-financial-sanctions",
        moves_to=(".europa.eu",),
        token="FLOWTRACE_EU_FSF_TOKEN",  # noqa: S106  the name of the setting, not its value
    ),
    Home(
        "uk",
        "UK Sanctions List (FCDO)",
        ("https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.xml",),
        "https://www.gov.uk/government/publications/the-uk-sanctions-list",
        moves_to=(".fcdo.gov.uk", ".publishing.service.gov.uk"),
        index="https://www.gov.uk/api/content/government/publications/the-uk-sanctions-list",
        link=r"https://(?:assets\.publishing\.service|sanctionslist\.fcdo)\.gov\.uk/"
        r"[A-Za-z0-9/_.-]{1,200}UK[_-]Sanctions[_-]List[A-Za-z0-9_-]{0,40}\.xml",
    ),
    Home(
        "dfat",
        "Australia, DFAT: consolidated list",
        ("https://www.dfat.gov.au/sites/default/files/Australian_Sanctions_Consolidated_List.xlsx",),
        "https://www.dfat.gov.au/international-relations/security/sanctions/consolidated-list",
        moves_to=(".dfat.gov.au",),
        kind=Kind.TABLE,
    ),
    Home(
        "mof",
        "Japan, Ministry of Finance: targets of economic sanctions",
        (),
        _MOF,
        moves_to=(".mof.go.jp",),
        kind=Kind.TABLE,
        index=_MOF,
        link=r"[A-Za-z0-9:/_.-]{1,200}\.xlsx",
    ),
    Home(
        "nbctf",
        "Israel, NBCTF: seizure orders",
        (),
        "https://nbctf.mod.gov.il/en/Minister%20Sanctions/PropertyPerceptions/Pages/Blockchain1.aspx",
        structured=True,
        kind=Kind.PAGE,
        whole=False,
    ),
    Home("other", "another list of addresses", (), "", entries=False),
)
HOMES = {home.id: home for home in _ALL}
