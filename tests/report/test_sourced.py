"""Sources of funds on paper: the largest first, with why the way back ends, and they sum to what came."""

from __future__ import annotations

from flowtrace.model import Origin, Rule, Source, SourceKind
from flowtrace.report import origin_json, origin_text
from report.broken import EVIL
from report.toy_result import ACME, toy_result
from toytown import ALICE, CAROL, ETH, IDA, MALLORY, ONE

TOLD = (
    Source(SourceKind.THEFT, ALICE, 60 * ONE, "eth", "the theft"),
    Source(SourceKind.PAYER, CAROL, 30 * ONE, "", "labelled as Acme's", ACME),
    Source(SourceKind.MINT, None, 10 * ONE, "", EVIL),
)


def origin(rule: Rule) -> Origin:
    """Return an origin under a rule."""
    return Origin(IDA, ETH, rule, 100 * ONE, TOLD, (MALLORY,))


def test_sources_as_sentences() -> None:
    """Each source has its amount, its share, who it is and why the way ends there; a harmless line each."""
    head, theft, payer, mint = origin_text(origin(Rule.FIFO))
    assert head.startswith("Under FIFO, the 100 ETH that came to ")
    assert head.endswith("(1 address looked through):")
    assert theft == f"60 ETH (60.00 %): theft eth of {ALICE.display}; the theft."
    assert payer == f"30 ETH (30.00 %): paid by {CAROL.display}, Acme Exchange; labelled as Acme's."
    assert mint.isprintable()


def test_shares_say_that_they_are_no_identity() -> None:
    """Issue: "pro rata as attribution by matrix, stated as such"."""
    assert "an attribution in proportion" in origin_text(origin(Rule.PRO_RATA))[-1]
    assert origin_json(toy_result(), origin(Rule.PRO_RATA))["exact"] is False


def test_sources_as_data() -> None:
    """Amounts are text, and sum to what was received."""
    data = origin_json(toy_result(), origin(Rule.LIFO))
    assert sum(int(one["base_units"]) for one in data["sources"]) == int(data["received"]["base_units"])
    assert [one["kind"] for one in data["sources"]] == ["theft", "paid by", "new coin"]
    assert data["sources"][1]["entity"] == "acme"
