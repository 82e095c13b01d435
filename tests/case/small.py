"""A small case, all invented: a theft as a table, and a theft as recorded answers."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

from fetch.answers import ANN, BEN, row

THIEF, VICTIM, KEEPER = BEN, ANN, "0x" + "c3" * 20
MIXER = "0xd90e2f925da726b50c4ed8d0fb90ad053324f31b"  # Tornado Cash's router, a shipped label
THEFT = "0x" + "aa" * 32

MIXED_TX, KEPT_TX = "0x" + "bb" * 32, "0x" + "cc" * 32
_STOLEN, _MIXED, _KEPT = (n * 10**18 for n in (50, 40, 5))
_ETH = "eip155:1/slip44:60,ETH,18"
TABLE = f"""chain,tx,position,block,index,order,time,kind,basis,ok,from,to,asset,symbol,decimals,amount
eip155:1,{THEFT},value,100,0,1,1700000000,value,recorded,1,{VICTIM},{THIEF},{_ETH},{_STOLEN}
eip155:1,{MIXED_TX},fee,101,0,0,1700000012,fee,recorded,1,{THIEF},,{_ETH},{10**15}
eip155:1,{MIXED_TX},value,101,0,1,1700000012,value,recorded,1,{THIEF},{MIXER},{_ETH},{_MIXED}
eip155:1,{KEPT_TX},value,102,0,1,1700000024,value,recorded,1,{THIEF},{KEEPER},{_ETH},{_KEPT}
"""
COVERAGE = f"""address,scope,first,last,complete,check,fetched_at,source
eip155:1:{THIEF},external,0,200,1,typed by hand,2023-11-15T00:00:00+00:00,a test
"""
INCIDENT = f"""id = "small"
title = "A small theft"
date = "2023-11-14"
victim = "nobody"
seeds = ["eip155:1:{THIEF}"]
[[thefts]]
id = "eth"
asset = "eip155:1/slip44:60"
units = "{50 * 10**18}"
transfer = "eip155:1:{THEFT}:value"
victim = "eip155:1:{VICTIM}"
thief = "eip155:1:{THIEF}"
"""


def write_table(folder: Path, table: str = TABLE) -> Path:
    """Write the case's table with its coverage; return the table's file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.csv").write_text(table, encoding="utf-8")
    (folder / "small.coverage.csv").write_text(COVERAGE, encoding="utf-8")
    return folder / "small.csv"


def write_recordings(folder: Path, count: int = 1, rows: int = 2) -> Path:
    """Write recorded answers: the thief's, with the theft in it, and those of others."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for number in range(count):
        address = THIEF if number == 0 else f"0x{number:040x}"
        theft = row(hash=THEFT, blockNumber="100", value=str(50 * 10**18), **{"from": VICTIM, "to": THIEF})
        others = [
            row(hash=f"0x{number:032x}{n:032x}", nonce=str(n), blockNumber=str(101 + n), value=str(10**18))
            | {"from": address, "to": MIXER if n % 2 else KEEPER}
            for n in range(rows - 1)
        ]
        found = [theft, *others] if number == 0 else others
        body = json.dumps({"status": "1", "message": "OK", "result": found}).encode()
        (folder / f"{number}.json.gz").write_bytes(gzip.compress(body, mtime=0))
        url = (
            f"https://api.etherscan.io/api?module=account&action=txlist&address={address}&apikey=Zq8x3v9LtTq1"
        )
        entries.append(
            {"url": url, "fetched_at": "2023-11-15T00:00:00", "rows": len(found), "file": f"{number}.json.gz"}
        )
    (folder / "manifest.json").write_text(
        json.dumps({"source": "a test", "responses": entries}), encoding="utf-8"
    )
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def started(*words: str, cwd: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start the command as a program of its own."""
    command = [sys.executable, "-m", "flowtrace", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=cwd, stdout=pipe, stderr=pipe, env={**os.environ, **environment})


def finished(*words: str, cwd: Path, **environment: str) -> tuple[int, bytes, bytes]:
    """Run the command as a program of its own; return exit code, stdout, stderr."""
    process = started(*words, cwd=cwd, **environment)
    out, err = process.communicate()
    return process.returncode, out, err
