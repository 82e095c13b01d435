"""Evidence: kept before it is read, kept once, without secrets, by several processes, through any crash."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import string
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.errors import InputError, IntegrityError
from flowtrace.evidence import EvidenceStore, redacted
from flowtrace.model import Answer, Request

SECRET = "Zq8x3v9LtTq1mN5bW7cR"  # noqa: S105  no key of anyone
KILLS = 12


def answer(body: bytes, url: str = "https://api.etherscan.io/api?action=txlist") -> Answer:
    """Return an answer as a source gives it."""
    return Answer(Request("GET", url), body, "2023-09-21T00:00:00+00:00", "a test", "etherscan")


def test_an_answer_is_kept_as_received(tmp_path: Path) -> None:
    """The bytes come back as they were, under their SHA-256, and the log says what was asked and when."""
    body = b"\x00\xff not json at all" * 100
    with EvidenceStore(tmp_path / "e.sqlite") as store:
        held = store.keep(answer(body))
        assert (held.sha256, held.size) == (hashlib.sha256(body).hexdigest(), len(body))
    with EvidenceStore(tmp_path / "e.sqlite", readonly=True) as store:
        assert store.items() == [held]
        assert store.body(held) == body
        assert list(store.faults()) == []


def test_the_same_answer_is_kept_once(tmp_path: Path) -> None:
    """Same request and same bytes are one item; other bytes, or another request, are another."""
    with EvidenceStore(tmp_path / "e.sqlite") as store:
        first = store.keep(answer(b"one"))
        assert store.keep(answer(b"one")) == first
        assert store.keep(answer(b"two")) != first
        assert store.keep(answer(b"one", "https://api.etherscan.io/api?action=other")) != first
        assert [item.number for item in store.items()] == [1, 2, 3]
    with sqlite3.connect(tmp_path / "e.sqlite") as db:
        assert db.execute("SELECT count(*) FROM body").fetchone() == (2,)  # by content: two bodies
    db.close()


def test_a_rejected_answer_stays_on_the_log_and_leaves_the_items(tmp_path: Path) -> None:
    """What could not be read is not evidence of anything, but that it came is on record."""
    with EvidenceStore(tmp_path / "e.sqlite") as store:
        held = store.keep(answer(b"cut of"))
        store.note("rejected", evidence=held.number, why="cut off")
        assert store.items() == []
        again = store.keep(answer(b"cut of"))
        assert store.items() == [again]
        assert list(store.faults()) == []


@given(
    bodies=st.lists(st.tuples(st.sampled_from("abc"), st.binary(max_size=20)), min_size=1, max_size=6),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=25, deadline=None)
def test_the_digest_says_what_is_held_not_when_it_came(
    bodies: list[tuple[str, bytes]], order: random.Random
) -> None:
    """The same answers kept in any order, and kept again, give one digest; one more gives another."""
    shuffled = [*bodies, *bodies]
    order.shuffle(shuffled)
    with TemporaryDirectory() as name, EvidenceStore(Path(name) / "1") as one:
        for path, body in bodies:
            one.keep(answer(body, f"https://host.example/{path}"))
        with EvidenceStore(Path(name) / "2") as other:
            for path, body in shuffled:
                other.keep(answer(body, f"https://host.example/{path}"))
            assert one.digest == other.digest
            other.keep(answer(b"more", "https://host.example/d"))
            assert one.digest != other.digest


SECRET_NAMES = (
    *(
        "apikey",
        "api_key",
        "api-key",
        "APIKEY",
        "apiKey",
        "key",
        "token",
        "access_token",
        "accessToken",
        "auth",
    ),
    *("secret", "client_secret", "signature", "sig", "password", "passwd", "pwd", "x_cg_demo_api_key", "jwt"),
)
SECRET_URLS = (
    *(f"https://api.etherscan.io/api?address=0x1&{name}={SECRET}" for name in SECRET_NAMES),
    *(f"https://api.etherscan.io/api?{name}={SECRET}&action=txlist" for name in SECRET_NAMES[:3]),
    f"https://user:{SECRET}@api.etherscan.io/api?action=txlist",
    f"https://{SECRET}@api.etherscan.io/api",
    f"https://{SECRET}:x@api.etherscan.io:8080/api",
    f"https://api.etherscan.io/api?a=1;apikey={SECRET}",
    f"https://api.etherscan.io/api?%61pikey={SECRET}",
    f"https://api.etherscan.io/api?a=1#apikey={SECRET}",
    f"https://mainnet.infura.io/v3/{SECRET}",
    f"https://eth-mainnet.g.alchemy.com/v2/{SECRET}?a=1",
)


@pytest.mark.parametrize("url", SECRET_URLS)
def test_no_secret_of_a_url_reaches_the_file(url: str, tmp_path: Path) -> None:
    """Neither the database nor its write-ahead log holds a key, while open and when closed."""
    store = EvidenceStore(tmp_path / "e.sqlite")
    held = store.keep(answer(b"body", url))
    store.note("rejected", evidence=held.number, why=f"{held.request.url} cannot be read")
    assert len(list(tmp_path.iterdir())) == 3  # the file, its write-ahead log, its index
    for _ in ("open", "closed"):
        for file in tmp_path.iterdir():
            assert SECRET.encode() not in file.read_bytes(), file
        store.close()
    assert SECRET not in repr(held)


@given(
    before=st.text(string.ascii_letters + string.digits + "&=%?/._-", max_size=20),
    name=st.sampled_from(SECRET_NAMES),
    after=st.text(string.printable, max_size=20),
)
def test_redaction_holds_whatever_stands_around_it(before: str, name: str, after: str) -> None:
    """A key keeps hidden behind any query before it and anything after it."""
    url = f"https://host.example/api?{before}&{name}={SECRET}&{after}"
    assert SECRET not in redacted(url)
    assert redacted(redacted(url)) == redacted(url)


def test_what_was_asked_stays_readable() -> None:
    """Everything that is no secret stays as it was: service, action, address, block range."""
    plain = "https://api.etherscan.io/api?module=account&action=txlist&address=0xab&startblock=0&contractaddress=0xcd"
    assert redacted(f"{plain}&apikey={SECRET}") == f"{plain}&apikey=REDACTED"
    assert redacted("https://host.example/api/v2/tx/0x12") == "https://host.example/api/v2/tx/0x12"


@pytest.mark.parametrize(
    "url", ["http://[::1/api?apikey=" + SECRET, "http://host.example/\ud800?key=" + SECRET]
)
def test_a_malformed_url_is_refused_without_being_repeated(url: str) -> None:
    """A URL that cannot be taken apart cannot be redacted: it is refused, and not shown."""
    with pytest.raises(InputError, match="malformed") as told:
        redacted(url)
    assert SECRET not in str(told.value)


def test_a_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Evidence of a newer flowtrace is refused in one line, with what to do, and not a byte is changed."""
    path = tmp_path / "e.sqlite"
    with EvidenceStore(path) as store:
        store.keep(answer(b"one"))
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()
    before = path.read_bytes()
    for readonly in (True, False):
        with pytest.raises(InputError, match=r"is of format 2; .* upgrade flowtrace") as told:
            EvidenceStore(path, readonly=readonly)
        assert "\n" not in str(told.value)
    assert path.read_bytes() == before


def test_absent_or_foreign_files_are_named(tmp_path: Path) -> None:
    """No file, or a file that is no database, is named in one line."""
    with pytest.raises(InputError, match="is missing: the case has no evidence"):
        EvidenceStore(tmp_path / "none.sqlite", readonly=True)
    (tmp_path / "text.sqlite").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(IntegrityError, match=r"text\.sqlite cannot be read as evidence"):
        EvidenceStore(tmp_path / "text.sqlite")


WRITER = """
import sys
from pathlib import Path
from flowtrace.evidence import EvidenceStore
from flowtrace.model import Answer, Request
path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
with EvidenceStore(path) as store:
    for number in range(count):
        for who in ("shared", name):
            body = f"{who} {number} ".encode() * 300
            answer = Answer(Request("GET", f"https://host.example/{who}/{number}"), body, "", "a test", "x")
            store.keep(answer)
        print(number, flush=True)
"""


def _writer(path: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_two_processes_keep_side_by_side(tmp_path: Path) -> None:
    """Two processes that begin one file together lose nothing, and what both bring is kept once."""
    path, count = tmp_path / "e.sqlite", 25
    writers = [_writer(path, name, count) for name in ("left", "right")]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    with EvidenceStore(path, readonly=True) as store:
        urls = [item.request.url for item in store.items()]
        assert sorted(urls) == sorted(
            f"https://host.example/{who}/{n}" for who in ("shared", "left", "right") for n in range(count)
        )
        assert list(store.faults()) == []


def test_killed_at_random_moments_only_whole_entries_stay(tmp_path: Path) -> None:
    """`kill -9` while keeping, twelve times: the store opens, holds all that was reported kept, no halves."""
    path, chance = tmp_path / "e.sqlite", random.Random(2022)  # noqa: S311  moments, not secrets
    for run in range(KILLS):
        writer = _writer(path, f"run-{run}", 10_000)
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
        writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.06))
        writer.kill()  # SIGKILL
        reported, _ = writer.communicate()
        last = int(reported.split()[-1]) if reported.split() else 0
        with EvidenceStore(path) as store:
            held = {item.request.url for item in store.items()}
            assert {f"https://host.example/run-{run}/{n}" for n in range(last + 1)} <= held or not reported
            assert len(held) == len(store.items())
            assert list(store.faults()) == []
            for item in store.items():
                assert len(store.body(item)) == item.size
