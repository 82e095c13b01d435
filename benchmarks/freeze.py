"""A package for each of fifty exchanges, from a ready trace, on two cores: under a minute.

The case is invented: a theft of ETH goes through fifty intermediaries to three deposits at each of fifty
exchanges, whose wallets a label file of the case names. The time is that of the command ``flowtrace freeze``
alone, the trace being there, as a program of its own with two processors.

Run: python benchmarks/freeze.py [EXCHANGES]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

_BAR = 60.0
_FIFTY = 50
_EACH = 3
_ONE = 10**18
_GAS = 21_000 * 10**9
_ETH = "eip155:1/slip44:60,ETH,18"
_COLUMNS = "chain,tx,position,block,index,order,time,kind,basis,ok,from,to,asset,symbol,decimals,amount\n"
_VICTIM, _THIEF = "0x" + "fa" * 20, "0x" + "d0" * 20


def _at(kind: int, number: int) -> str:
    return f"0x{kind:02x}{number:038x}"


class _Table:
    """The case's transfers, each in a block of its own."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.covered: list[str] = [_THIEF]

    def pay(self, source: str, target: str, units: int, *, fee: bool = True) -> None:
        """Write a payment, and what the payer gave for gas."""
        number = len(self.rows)
        place = f"eip155:1,0x{number:064x}"
        when = f"{100 + number},0,{{}},{1_700_000_000 + 12 * number}"
        if fee:
            self.rows.append(f"{place},fee,{when.format(0)},fee,recorded,1,{source},,{_ETH},{_GAS}\n")
        self.rows.append(
            f"{place},value,{when.format(1)},value,recorded,1,{source},{target},{_ETH},{units}\n"
        )


def write_case(folder: Path, exchanges: int) -> None:
    """Write a case with so many exchanges: settings, incident, labels, and the table to import."""
    table = _Table()
    stolen = exchanges * _EACH * 100 * _ONE
    table.pay(_VICTIM, _THIEF, stolen, fee=False)
    tags = []
    for number in range(exchanges):
        middle, deposit, wallet = (_at(kind, number + 1) for kind in (0x1A, 0xDE, 0x40))
        table.pay(_THIEF, middle, _EACH * 100 * _ONE - _GAS)
        for _ in range(_EACH):
            table.pay(middle, deposit, 100 * _ONE - 2 * _GAS)
            table.pay(deposit, wallet, 100 * _ONE - 3 * _GAS)
        table.covered += [middle, deposit]
        name = f'label: "Exchange {number}", actor: exchange-{number}'
        tags.append(f'- {{address: "{wallet}", {name}, use: hot_wallet}}')
    last = 100 + 2 * len(table.rows)
    folder.mkdir(parents=True)
    (folder / "fifty.csv").write_text(_COLUMNS + "".join(table.rows), encoding="utf-8")
    (folder / "fifty.coverage.csv").write_text(
        "address,scope,first,last,complete,check,fetched_at,source\n"
        + "".join(
            f"eip155:1:{one},external,0,{last},1,invented,2024-01-01T00:00:00+00:00,a benchmark\n"
            for one in table.covered
        ),
        encoding="utf-8",
    )
    case = folder / "fifty"
    (case / "labels").mkdir(parents=True)
    (case / "labels/wallets.yaml").write_text(
        "title: Invented wallets\ncreator: a benchmark\nnetwork: ethereum\ncategory: exchange\n"
        'source: "https://register.example"\nconfidence: web_crawl\nlastmod: "2024-01-01"\n'
        "tags:\n" + "\n".join(tags) + "\n",
        encoding="utf-8",
    )
    (case / "case.toml").write_text(
        'format = 1\n[requester]\nmode = "researcher"\nname = "a benchmark"\nno_tip_off_checked = true\n',
        encoding="utf-8",
    )
    (case / "incident.toml").write_text(
        f'id = "fifty"\ntitle = "Invented theft"\ndate = "2023-11-14"\nvictim = "nobody"\n'
        f'seeds = ["eip155:1:{_THIEF}"]\n[[thefts]]\nid = "eth"\nasset = "eip155:1/slip44:60"\n'
        f'units = "{stolen}"\ntransfer = "eip155:1:0x{0:064x}:value"\n'
        f'victim = "eip155:1:{_VICTIM}"\nthief = "eip155:1:{_THIEF}"\n',
        encoding="utf-8",
    )


def _run(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "flowtrace", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603  our own words


def main(exchanges: int) -> None:
    """Write the case, trace it, and time the packages."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with TemporaryDirectory() as name:
        folder = Path(name) / "work"
        write_case(folder, exchanges)
        _run(folder, "import", "transfers", "fifty.csv", "--case", "fifty")
        _run(folder, "trace", "fifty", "--quiet")
        begun, busy = time.perf_counter(), _processor()
        _run(folder, "freeze", "fifty", "--accept-stale", "--quiet")
        spent, busy = time.perf_counter() - begun, _processor() - busy
        written = len(list((folder / "fifty/requests").glob("*/letter.pdf")))
    enough = "OK" if written == exchanges and spent < _BAR else "MISSED"
    bar = f"bar: {exchanges} in {_BAR:.0f} s"
    print(f"{enough}: {written} packages in {spent:.1f} s, {busy:.1f} s of processors ({bar})")
    sys.exit(enough != "OK")


def _processor() -> float:
    """Return what ended programs took of processors: on an idle machine it bounds the time from above."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _FIFTY)
