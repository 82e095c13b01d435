"""TagPacks out and in again: nothing is lost, and what is written holds to GraphSense's schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowtrace.labels.graphsense import Pack, pack_of, read_pack, write_pack
from flowtrace.labels.tagpack import read_tagpack
from flowtrace.labels.untrusted import one_line
from flowtrace.labels.vocabulary import CONFIDENCE
from flowtrace.model import Address, Category, Entity, Label, Use

PACKS = Path(__file__).parents[2].parent / "shared/data/labels/graphsense-tagpacks/packs"
HUOBI = Entity("huobi", "Huobi", Category.EXCHANGE, "https://example.org")
CHAINS = ("ethereum", "polygon", "optimism", "base")

texts = st.text(min_size=1, max_size=40).map(one_line).filter(lambda text: text not in {"", "~", "null"})
labels = st.builds(
    Label,
    address=st.builds(
        lambda chain, number: Address.parse(chain, f"0x{number:040x}"),
        st.sampled_from(CHAINS),
        st.integers(1, 2**160 - 1),
    ),
    text=texts,
    category=st.sampled_from(Category),
    use=st.sampled_from(Use),
    entity=st.sampled_from([None, HUOBI]),
    source=st.just("https://example.org/a"),
    confidence=st.sampled_from(sorted(CONFIDENCE)),
    date=st.dates().map(str) | st.sampled_from(["", "2023", "2023-10"]),
    asserted=st.booleans(),
    licence=st.sampled_from(["", "MIT"]),
)


@given(st.lists(labels, max_size=5))
def test_labels_written_as_a_tagpack_read_back(found: list[Label]) -> None:
    """A pack of labels holds to the schema, and reading it gives the labels with licence and all."""
    pack = pack_of(found, title="t", creator="c")
    assert not list(pack.faults())
    data = write_pack(pack)
    assert read_pack(data, "p.yaml") == pack
    back = read_tagpack(data, "p.yaml", {"huobi": HUOBI})
    assert back == tuple(found)
    assert [one.licence for one in back] == [one.licence for one in found]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["address", "label", "source", "lastmod", "is_cluster_definer", "x y"]),
            st.text() | st.sampled_from(["true", "2021-02-03", "0x12", "~", "yes", "1e3"]),
        ),
        max_size=3,
    )
)
def test_any_text_survives(tags: list[dict[str, str]]) -> None:
    """Whatever text a field holds, writing and reading gives it again, in any YAML reader."""
    plain = [{k: v.encode("utf-8", "replace").decode() for k, v in tag.items()} for tag in tags]
    pack = Pack({"title": "t", "creator": "c"}, tuple(plain))
    assert read_pack(write_pack(pack), "p.yaml") == pack


def test_types_are_those_of_the_schema() -> None:
    """A flag is written as a flag and a day as a day; an address and a number-like text in quotes."""
    tag = {"address": "0x12", "label": "1e3", "lastmod": "2021-02-03", "is_cluster_definer": "True"}
    data = write_pack(read_pack(json.dumps({"title": "t", "tags": [tag]}).encode(), "p"))
    (found,) = yaml.safe_load(data)["tags"]
    assert (found["address"], found["label"], found["is_cluster_definer"]) == ("0x12", "1e3", True)
    assert str(found["lastmod"]) == "2021-02-03"


def test_what_the_schema_lacks_is_told() -> None:
    """A tag without source, currency or address is named."""
    told = list(Pack({"title": "t"}, ({"label": "x", "confidence": "sure"},)).faults())
    assert "the header has no creator" in told
    assert "tag 1 has no source" in told
    assert "tag 1 has no address or tx_hash" in told
    assert "tag 1 has an unknown confidence 'sure'" in told


def shared() -> Iterator[Path]:
    """Yield every pack of the recorded public data."""
    return iter(sorted(PACKS.rglob("*.yaml")))


@pytest.mark.real
@pytest.mark.skipif(not PACKS.is_dir(), reason="the public packs are not beside the checkout")
def test_every_public_tagpack_loads_exports_and_loads_again_equal() -> None:
    """All packs of the shared set, every field of them, with the confidence ids as they are."""
    packs = tags = 0
    for path in shared():
        first = read_pack(path.read_bytes(), path.name)
        assert read_pack(write_pack(first), path.name) == first, path.name
        assert first.header.get("confidence", "unknown") in CONFIDENCE, path.name
        packs, tags = packs + 1, tags + len(first.tags)
    assert packs == 80
    assert tags == 237_962
