"""A small case, all invented but for the labelled wallet: two payers share an exchange's deposit address."""

from __future__ import annotations

from pathlib import Path

from case.small import INCIDENT, TABLE, THIEF, write_table
from flowtrace import Case

HUOBI = "0x28ffe35688ffffd0659aee2e34778b0ae4e193ad"  # a shipped label
DEPOSIT, OTHER = "0x" + "d4" * 20, "0x" + "e5" * 20


def shared_deposit(folder: Path) -> Case:
    """Write a case in which the thief and another pay into one deposit address."""
    eth, sizes = "eip155:1/slip44:60,ETH,18", (3 * 10**18, 2 * 10**18)
    paid = (
        (THIEF, DEPOSIT, sizes[0]),
        (DEPOSIT, HUOBI, sizes[0]),
        (OTHER, DEPOSIT, sizes[1]),
        (DEPOSIT, HUOBI, sizes[1]),
    )
    rows = [
        f"eip155:1,0x{n}{'0' * 62}a,value,{110 + n},0,1,{1700000100 + n},value,recorded,1,"
        f"{source},{target},{eth},{units}\n"
        for n, (source, target, units) in enumerate(paid, start=1)
    ]
    table, cover = write_table(folder, TABLE + "".join(rows)), folder / "small.coverage.csv"
    held = cover.read_text(encoding="utf-8")
    cover.write_text(held + held.splitlines()[1].replace(THIEF, DEPOSIT) + "\n", encoding="utf-8")
    case = Case.start(folder / "case", "")
    case.import_transfers(table)
    (case.folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    return case
