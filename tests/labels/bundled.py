"""The bundled label set, made of the public files by rules that its header states.

``python tests/labels/bundled.py`` writes it anew, from the checkout, with the public files beside it; a test
proves that the shipped one is what the rules make.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowtrace.labels import load_labels
from flowtrace.labels.book import shipped_entities
from flowtrace.labels.dumps import SITES, Dump, Origin, explorer_json, tag_rows
from flowtrace.labels.files import read_labels
from flowtrace.labels.found import address_of
from flowtrace.model import Address, Category, Label, Use

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data"
OUT = ROOT / "src/flowtrace/labels/data/bundle.sorted.yaml"
_HEAD = """\
# The bundled set: one tag a line, as JSON, sorted by address, looked up by halving and never loaded whole.
# Made by tests/labels/bundled.py of permissively licensed public files. Its rules:
#  1. An address of which the packs beside this one speak, on the same chain, is left out: those were looked
#     through by hand. So is every address of the answer key of a bundled case.
#  2. Of explorers' label clouds, by slug and by name. Exchanges (not of Ethereum: rule 1): the slug
#     "exchange" and a name that is a number ("mexc.com 2") or says wallet. Bridges and swap routers: a slug
#     of the kind, and a name that says bridge, gateway, router and the like. Mixers: the slug and a name with
#     a denomination or pool. Stablecoins: the slug, and a name that ends in the token's symbol. Names that
#     say deployer, owner, governor, reward, fee, factory and the like are left out; so are pools of swaps,
#     and all else.
#  3. "Upbit Hacker N.M" (N counts hops from the theft) is an explorer's word on where stolen funds went: a
#     third party's claim (class X), which ends no trace.
#  4. OFAC's addresses of every ticker, on the chain that the form of the address tells; tickers of chains
#     that are not followed are left out. The list is of 2024-09-27; a listing may have ended since.
#  5. GraphSense's packs of named mixers, markets and DPRK addresses on Bitcoin, and of walletexplorer.com,
#     with their confidence and date.
#  6. GraphSense's pack of Tether's blacklist: use "frozen". It may have been lifted since.
"""
_LEFT_OUT = re.compile(
    r"deployer|owner|governor|reward|fee|factory|multisig|multi-sig|token|staking|messenger|bonder|donat"
    r"|airdrop|treasury|timelock|verifier|hasher|quoter|registry|proxy admin|controller|gauge|mining|fund"
    r"|compromised|hack|exploit|scam|phish|old|launch|vesting|oracle|migrat|wrapper|validator|reserve",
    re.IGNORECASE,
)
_BRIDGE = re.compile(
    r"bridge|gateway|router|zap\b|endpoint|escrow|hub pool|spoke|portal|cbridge", re.IGNORECASE
)
_ROUTER = re.compile(r"router|exchange proxy$|flash wallet|vault$|settlement|aggregat|v2 swap", re.IGNORECASE)
_POOL = re.compile(r"[0-9,.]+ [A-Za-z]+$|pool", re.IGNORECASE)
_WALLET = re.compile(
    r"[\w.\- ]{2,30}?(: |\s)?(hot |cold )?wallet( [0-9]+)?|[A-Za-z][\w.\-]+( [0-9]{1,2})", re.IGNORECASE
)
_UPBIT = re.compile(r"Upbit Hacker [0-9]+(\.[0-9]+)?")
_CLOUD = "names shown by the explorer"
_PACKS = "read in github.com/graphsense/graphsense-tagpacks packs/{}.yaml"
_GRAPHSENSE = {
    "blender_io": "https://home.treasury.gov/policy-issues/financial-sanctions/recent-actions/20220506",
    "hydra": "https://home.treasury.gov/policy-issues/financial-sanctions/recent-actions/20220405",
    "lazarus": "https://www.treasury.gov/resource-center/sanctions/OFAC-Enforcement/Pages/20200302.aspx",
    "lazarus2": "https://www.fbi.gov/news/press-releases/fbi-identifies-cryptocurrency-funds-stolen-by-dprk",
    "mixing_fc2021": "https://fc21.ifca.ai/papers/103.pdf",
    "sinbad_io": "https://ofac.treasury.gov/recent-actions/20231129",
    "walletexplorer": "https://www.walletexplorer.com",
    "wasabi_collector": "https://github.com/nopara73/WasabiVsSamourai",
}
_DATES = {"mixing_fc2021": "2021", "sinbad_io": "2023-11-29"}  # where the pack has none: of the source
_USDT = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"


@dataclass(frozen=True)
class Source:
    """A source as the header has it."""

    source: str
    confidence: str
    lastmod: str
    licence: str


def sources() -> dict[str, Source]:
    """Return the header's sources, by key."""
    commit = "7a97a592c049d4183d58447c917bc51a1d0e457f"
    found = {
        f"{site}-labels": Source(
            f"https://github.com/brianleect/etherscan-labels at {commit}: {_CLOUD} {site}",
            "web_crawl", "2023-10", "MIT",
        )
        for site in _sites()
    }  # fmt: skip
    found["raphtory-tags"] = Source(
        "https://github.com/Raphtory/Data etherscan_tags.csv: names shown by etherscan.io",
        "web_crawl", "2021", "Apache-2.0",
    )  # fmt: skip
    found["ofac-2024"] = Source(
        "https://github.com/0xB10C/ofac-sanctioned-digital-currency-addresses: OFAC SDN digital currency "
        "addresses, list of 2024-09-27 (a listing may have ended since)",
        "authority_data", "2024-09-27", "public domain",
    )  # fmt: skip
    for name, url in _GRAPHSENSE.items():
        first = next(iter(pack(name)))
        day = first.date or _DATES[name]
        found[name] = Source(f"{url} ({_PACKS.format(name)})", first.confidence, day, "MIT")
    return found


def _sites() -> list[str]:
    return sorted(
        site for site in SITES if (SHARED / f"labels/brianleect/{site}.combinedAllLabels.json").is_file()
    )


def pack(name: str) -> list[Label]:
    """Return the labels of a GraphSense pack."""
    data = (SHARED / f"labels/graphsense-tagpacks/packs/{name}.yaml").read_bytes()
    return list(read_labels(Dump(f"{name}.yaml", data, shipped_entities())))


def told() -> Iterator[tuple[str, Label]]:
    """Yield what the rules take, with the key of the source."""
    for site in _sites():
        name = f"{site}.combinedAllLabels.json"
        data = (SHARED / "labels/brianleect" / name).read_bytes()
        for label in explorer_json(Dump(name, data, shipped_entities()), Origin("")):
            yield from _of_cloud(f"{site}-labels", label, _slugs(data)[label.address.account])
    data = (SHARED / "labels/raphtory/etherscan_tags.csv").read_bytes()
    for label in tag_rows(Dump("etherscan_tags.csv", data, shipped_entities()), Origin("")):
        yield from _of_cloud("raphtory-tags", label, _families(data)[label.address.account])
    yield from _of_ofac()
    for name in _GRAPHSENSE:
        yield from ((name, label) for label in pack(name))


_kept: dict[int, dict[str, frozenset[str]]] = {}


def _slugs(data: bytes) -> dict[str, frozenset[str]]:
    if len(data) not in _kept:
        cloud = json.loads(data)
        _kept[len(data)] = {account.lower(): frozenset(said["labels"]) for account, said in cloud.items()}
    return _kept[len(data)]


def _families(data: bytes) -> dict[str, frozenset[str]]:
    if len(data) not in _kept:
        found: dict[str, frozenset[str]] = {}
        for row in csv.DictReader(data.decode().splitlines()):
            account = row["address"].strip().lower()
            found[account] = found.get(account, frozenset()) | {row["family"]}
        _kept[len(data)] = found
    return _kept[len(data)]


def _of_cloud(key: str, label: Label, slugs: frozenset[str]) -> Iterator[tuple[str, Label]]:
    """Yield a label of an explorer's cloud, if the rules take it."""
    name, ethereum = label.text, label.address.chain.name == "ethereum"
    if _UPBIT.fullmatch(name):
        claim = ("upbit-hack", Category.PERPETRATOR, Use.UNSPECIFIED, None)
        yield key, Label(label.address, name, *claim[1:], "", "", "", asserted=True)
    elif label.category is Category.TOKEN and "stablecoin" in slugs and name.endswith(")"):
        yield key, Label(label.address, name, Category.TOKEN, Use.CONTRACT, label.entity, "", "", "")
    elif not _LEFT_OUT.search(name) and _fits(label, ethereum=ethereum):
        yield key, label


def _fits(label: Label, *, ethereum: bool) -> bool:
    match label.category:
        case Category.EXCHANGE:
            return not ethereum and _WALLET.fullmatch(label.text) is not None
        case Category.BRIDGE:
            return _BRIDGE.search(label.text) is not None
        case Category.DEX:
            return _ROUTER.search(label.text) is not None
        case Category.MIXER:
            return _POOL.search(label.text) is not None
        case _:
            return False


def _of_ofac() -> Iterator[tuple[str, Label]]:
    for path in sorted((SHARED / "labels/ofac").glob("*.txt")):
        ticker = path.stem.rpartition("_")[2]
        for text in path.read_text().split():
            address = address_of(text, ticker)
            if address is not None and ticker not in {
                "XVG",
                "BCH",
                "BSV",
                "BTG",
                "DASH",
                "ZEC",
                "XRP",
                "XMR",
                "ETC",
            }:
                said = (
                    f"OFAC SDN digital currency address ({ticker})",
                    Category.PERPETRATOR,
                    Use.UNSPECIFIED,
                    None,
                )
                yield "ofac-2024", Label(address, *said, "", "", "")


def frozen() -> Iterator[dict[str, object]]:
    """Yield the tags of Tether's blacklist."""
    import yaml  # noqa: PLC0415  for one pack alone

    path = SHARED / "labels/graphsense-tagpacks/packs/usdt_blacklist.yaml"
    found = yaml.load(path.read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506  text only
    for tag in found["tags"]:
        tx = json.loads(tag["context"])["transaction"]
        yield {
            "address": tag["address"].lower(), "network": "ethereum", "label": "USDT frozen by Tether",
            "use": "frozen", "confidence": "ledger_immanent", "lastmod": found["lastmod"], "licence": "MIT",
            "source": f"blacklist of {_USDT}, transaction {tx} ({_PACKS.format('usdt_blacklist')})",
        }  # fmt: skip


def _hidden() -> frozenset[str]:
    """Return the accounts whose part in a bundled case is to be found, not told."""
    key = SHARED / "cases/ronin2022/answer_key_tayvano.tsv"
    return frozenset(line.split("\t")[0] for line in key.read_text().splitlines())


def made() -> bytes:
    """Return the bundled set."""
    spoken, hidden = {label.address for label in load_labels().labels}, _hidden()
    tags: dict[tuple[Address, str, str, bool], tuple[dict[str, object], list[str]]] = {}
    for key, label in told():
        if label.address in spoken or label.address.account in hidden:
            continue
        actor = label.entity.id if label.entity else ""
        place = (label.address, label.category.value, actor, label.asserted)
        _, keys = tags.setdefault(place, (_tag(label), []))
        if key not in keys:
            keys.append(key)
    rows = [{**tag, "source": keys} for tag, keys in tags.values()]
    rows += [
        tag for tag in frozen() if tag["address"] not in hidden and set(str(tag["address"])[2:-4]) != {"0"}
    ]
    lines = sorted("- " + json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    listed = "".join(
        f"  {key}: {json.dumps(vars(one), ensure_ascii=False)}\n" for key, one in sorted(sources().items())
    )
    head = f'{_HEAD}title: "Bundled set"\ncreator: flowtrace\nsources:\n{listed}tags:\n'
    return (head + "".join(lines)).encode()


def _tag(label: Label) -> dict[str, object]:
    tag: dict[str, object] = {
        "address": label.address.account, "network": label.address.chain.name, "label": label.text,
        "category": label.category.value,
    }  # fmt: skip
    tag |= {"actor": label.entity.id} if label.entity else {}
    tag |= {"use": label.use.value} if label.use else {}
    return tag | ({"asserted": "true"} if label.asserted else {})


if __name__ == "__main__":
    OUT.unlink(missing_ok=True)
    OUT.write_bytes(made())
