"""The annexes of words: glossary, attributions, parameters, reproduction, manifest, custody, validation."""

from __future__ import annotations

from collections import defaultdict

from flowtrace.model import Result
from flowtrace.report.cells import count, printable
from flowtrace.report.document.claims import claimed
from flowtrace.report.document.likelihood import WORDS
from flowtrace.report.document.readings import cited
from flowtrace.report.document.typeset import Block, Cell, bullets, heading, para, table
from flowtrace.report.subject import stated

_TERMS = (
    ("address", "An account on a ledger. It is not a person; who holds its key is not recorded there."),
    (
        "case digest",
        "SHA-256 over ledger, parameters, labels and rule cards: what the result is a function of.",
    ),
    ("class", "How a thing is known: D, C, P or X; see Method."),
    ("conserving rule", "A rule under which no stolen unit is lost or made: all but poison."),
    ("deposit address", "An address that an exchange gives to one customer; what comes is swept on."),
    ("hop", "One payment that carries traced value; [n] is its row."),
    ("mixer", "A service that takes payments of many and pays out so that who paid whom is not recorded."),
    ("pooled wallet", "A wallet in which a service keeps the funds of many customers together."),
    ("snapshot", "The last block that the record covers; nothing later was examined."),
    ("swap", "One asset given and another got for it in one transaction."),
    ("sweep", "The payment by which a deposit address is emptied into a wallet of the exchange."),
    ("taint", "The part of an amount that a rule takes for stolen."),
    ("trace", "The way of stolen value from where it begins to where it ends or rests."),
)


def glossary(result: Result) -> list[Block]:
    """Annex A: the terms used."""
    rows: list[list[Cell]] = [[name, stated(result.incident, said)] for name, said in _TERMS]
    return [
        heading("Annex A: glossary"),
        table(["term", "as used here"], rows, columns=["34mm", "1fr"], size=8.5),
    ]


def yardstick() -> list[Block]:
    """The words of likelihood, of one scale."""
    rows: list[list[Cell]] = [[word, span] for _, word, span in WORDS]
    return [
        heading("Words of likelihood", 2),
        para(
            "After ICD 203. A word is used only of an inference whose rule has a measured precision, and is "
            "that of the lower end of its 95 % interval; else it is said that none is stated. A path takes "
            "its worst class, and a class is not a likelihood."
        ),
        table(["word", "span"], rows, columns=["60mm", "1fr"], size=8),
    ]


def attributions(result: Result) -> list[Block]:
    """Annex D: every source of a label, with how sure it is by its own kind, and what it was used for."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for address in sorted(result.labels):
        for label in result.labels[address]:
            kind = "third-party claim (X)" if label.asserted else label.confidence
            found[label.source, kind].append(label.date)
    rows: list[list[Cell]] = [
        [printable(source), printable(kind), f"{len(dates):,}", _days(dates)]
        for (source, kind), dates in sorted(found.items())
    ]
    claims = count(len(claimed(result)), "third-party claim")
    return [
        heading("Annex D: attributions and their sources"),
        para(
            "The address schedule (Annex C) has each label with its source. Confidence ids are GraphSense's: "
            "authority_data is of a public body, service_data of the service itself, web_crawl of a public "
            f"page. {claims} (class X) held; nothing rests on any.",
            small=True,
        ),
        table(["source", "confidence", "labels", "dated"], rows or [["none held", "", "0", ""]],
              columns=["1fr", "34mm", "16mm", "30mm"], right=[2], size=7.5, quoted=[0]),
    ]  # fmt: skip


def _days(dates: list[str]) -> str:
    first, last = min(dates), max(dates)
    return printable(first if first == last else f"{first} to {last}")


def closing(result: Result) -> list[Block]:
    """Annexes E to I."""
    return [
        heading("Annex E: parameters"),
        para("They stand under Method, Parameters, as the case states them, and in manifest.json."),
        *_reproduction(result),
        heading("Annex G: manifest"),
        para(
            "manifest.json beside this report has the SHA-256 and the size of every file, the case digest "
            f"{result.digest}, the ledger digest, the parameters and the version. This report cannot hold "
            "the manifest's own hash, as the manifest holds this report's; the custody log of the case does."
        ),
        *_custody(),
        *_validation(result),
    ]


def _reproduction(result: Result) -> list[Block]:
    return [
        heading("Annex F: reproduction"),
        bullets(
            [
                f"Install flowtrace {result.version} and take the case folder {result.incident.id}.",
                f"Run: flowtrace verify {result.incident.id}. It works all of this out again and compares.",
                (
                    f"Run: flowtrace evidence {result.incident.id} n, for any row [n], to see the kept "
                    "bytes that tell it."
                ),
                "The case digest must read as on the cover; any other is another record or other rules.",
            ]
        ),
    ]


def _custody() -> list[Block]:
    """Say where the chain of custody is: its lines depend on how the evidence came, the report does not."""
    return [
        heading("Annex H: custody"),
        para(
            "custody.csv lists each item of evidence in the order in which it was kept: number, event, "
            "time of the answer, source, what was asked, SHA-256 and size of the bytes, the rows [n] "
            "that they tell, the hash of the line before and the line's own, which is SHA-256 over the "
            "JSON of number, event, time, source, what, SHA-256, size and the hash before. "
            "Decisions of a person stand in it with their reason. The same answers in another packing give "
            "another list and this same report, so the list is a file of its own, hashed in manifest.json."
        ),
        para(
            "The original bytes and the append-only log with the time of each handling are in "
            "evidence.sqlite of the case; this report and its tables are working copies. “flowtrace verify” "
            "re-hashes both. Criteria: authenticity (hash at receipt), availability and persistence (bytes "
            "kept), identity (source and request of each), renderability and understandability (tables in "
            "CSV), after the Berkeley Protocol (2022).",
            small=True,
        ),
    ]


def _validation(result: Result) -> list[Block]:
    """Annex I: every measured rate of the rules that say something here, and which are unmeasured."""
    cards = cited(result)
    rows: list[list[Cell]] = [
        [f"{card.id}/{card.version}", printable(rate)] for card in cards for rate in card.measured
    ]
    silent = [f"{card.id}/{card.version}" for card in cards if not card.measured]
    return [
        heading("Annex I: validation results"),
        para(
            "Each rate with the sample it was measured on. A rate tells of that sample; of other data it "
            "may not hold. Where the sample is of this case's own addresses, the rate says that the rule "
            "found what others found there, and no more. No vendor's rate is borrowed. The rates of all "
            "rules: “flowtrace heuristics”."
        ),
        *([table(["rule", "measured"], rows, columns=["40mm", "1fr"], size=7.5, quoted=[1])] if rows else []),
        *([para(f"Unmeasured: {printable(', '.join(silent))}.", small=True)] if silent else []),
    ]
