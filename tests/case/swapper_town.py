"""A small case, all invented: stolen coin swapped at a service without a key, and an innocent look-alike.

    Ethereum  victim ─▶ thief ─▶ FixedFloat (10 ETH)           ─▶ FixedFloat (3 ETH)
    TRON      FixedFloat ─▶ fence ─▶ an exchange               three payouts fit: nobody's

The service pays 240 others in the ten days around, of amounts of their own.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from base58_bech32.base58 import b58encode_check

from case.small import INCIDENT, THEFT, THIEF, VICTIM

HOT = "0x" + "d4" * 20
START, DAY = 1_700_000_000, 86_400
ETH_RATE = 2_000
_ETH, _ONE = "eip155:1/slip44:60,ETH,18", 10**18
_STOLEN = 50
TRON = "tron:0x2b6653dc"
SWAP_TX, LIKE_TX, PAYOUT_TX, BANKED_TX = ("0x" + pair * 32 for pair in ("b1", "b2", "b3", "b4"))


def tron(name: str) -> str:
    """Return the TRON account of a name."""
    return b58encode_check(b"\x41" + sha256(name.encode()).digest()[:20]).decode()


USDT = f"{TRON}/trc20:{tron('tether')}"
WALLET, FENCE, BANK = tron("fixedfloat pays"), tron("fence"), tron("bank")


def ether(tx: str, source: str, target: str, *, units: int, block: int) -> str:
    """Return a row of a payment of coin."""
    head = f"eip155:1,{tx},value,{block},0,1,{START + 12 * (block - 100)},value,recorded,1"
    return f"{head},{source},{target},{_ETH},{units}"


def dollars(tx: str, source: str, target: str, *, units: int, time: int) -> str:
    """Return a row of a payment of tokens, a block every three seconds."""
    block = 50_000_000 + (time - START) // 3
    head = f"{TRON},{tx.removeprefix('0x')},log 0,{block},0,1,{time},token,recorded,1"
    return f"{head},{source},{target},{USDT},USDT,6,{units}"


def rows(*, rivals: int = 3) -> list[str]:
    """Return the transfers; ``rivals`` payouts fit the second deposit."""
    paid = START + 12 * 10
    worth = 10 * ETH_RATE * 10**6
    found = [
        ether(THEFT, VICTIM, THIEF, units=_STOLEN * _ONE, block=100),
        ether(SWAP_TX, THIEF, HOT, units=10 * _ONE, block=110),
        ether(LIKE_TX, THIEF, HOT, units=3 * _ONE, block=25_100),
        dollars(PAYOUT_TX, WALLET, FENCE, units=worth * 995 // 1000, time=paid + 600),
        dollars(BANKED_TX, FENCE, BANK, units=worth * 995 // 1000, time=paid + 4000),
    ]
    for n in range(240):
        tx, whom = sha256(f"order {n}".encode()).hexdigest(), tron(f"customer {n}")
        units = 100 * 10**6 + 40 * 10**6 * n  # up to 9,660 dollars: far from the first deposit's
        found.append(dollars(tx, WALLET, whom, units=units, time=START - 5 * DAY + 3600 * n))
    for n in range(rivals):
        tx, whom = sha256(f"rival {n}".encode()).hexdigest(), tron(f"rival {n}")
        late = START + 12 * 25_000 + 400 + 200 * n
        found.append(dollars(tx, WALLET, whom, units=3 * ETH_RATE * 10**6 * (990 + n) // 1000, time=late))
    return found


HEADER = "chain,tx,position,block,index,order,time,kind,basis,ok,from,to,asset,symbol,decimals,amount"
_LAST = 50_000_000 + 12 * DAY
COVERAGE = f"""address,scope,first,last,complete,check,fetched_at,source
eip155:1:{THIEF},external,0,60000,1,typed by hand,2023-11-15T00:00:00+00:00,a test
{TRON}:{WALLET},token,40000000,{_LAST},1,typed by hand,2023-11-15T00:00:00+00:00,a test
{TRON}:{FENCE},token,40000000,{_LAST},1,typed by hand,2023-11-15T00:00:00+00:00,a test
"""
LABELS = f"""title: wallets
creator: a test
confidence: service_data
lastmod: 2023-11-01
source: https://example.org/wallets
tags:
- {{address: "{HOT}", network: ethereum, label: "FixedFloat: Hot", actor: fixedfloat, category: exchange}}
- {{address: "{WALLET}", network: tron, label: "FixedFloat: Payouts", actor: fixedfloat, category: exchange}}
- {{address: "{BANK}", network: tron, label: "Gate", actor: gate, category: exchange, use: hot_wallet}}
"""
QUOTES = "".join(
    f'[[crossings.quotes]]\nasset = "{asset}"\ntime = {time}\nusd = "{usd}"\nsource = "a test"\n'
    for time in (START + 120, START + 12 * 25_000)
    for asset, usd in (("eip155:1/slip44:60", str(ETH_RATE)), (USDT, "1"))
)


def write_town(folder: Path, *, settings: str = QUOTES, rivals: int = 3) -> Path:
    """Write the incident, the labels and the settings of a case; return the table to import."""
    (folder / "labels").mkdir(parents=True, exist_ok=True)
    (folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    (folder / "labels" / "wallets.yaml").write_text(LABELS, encoding="utf-8")
    told = folder / "case.toml"
    told.write_text(f"format = 1\n{settings}", encoding="utf-8")
    (folder.parent / "in").mkdir(exist_ok=True)
    table = folder.parent / "in" / "town.csv"
    table.write_text("\n".join([HEADER, *rows(rivals=rivals)]) + "\n", encoding="utf-8")
    (folder.parent / "in" / "town.coverage.csv").write_text(COVERAGE, encoding="utf-8")
    return table
