"""Stamps of a time-stamping authority: asked for with a hash alone, and believed no further than shown."""

from __future__ import annotations

import hashlib
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from case.bundle.authority import NOW, Signer, answer, signer
from case.bundle.forging import members_of, written
from commands import Command
from flowtrace import Case
from flowtrace.case import bundle
from flowtrace.case.bundle import stamp, verify_bundle
from flowtrace.errors import FlowtraceError, InputError, IntegrityError
from flowtrace.evidence import EvidenceStore

MANIFEST = b'{"what":"is stamped"}'
Answering = Callable[[bytes], tuple[int, bytes]]


@pytest.fixture(scope="module")
def authority() -> Signer:
    """An authority with its root."""
    return signer()


@contextmanager
def serving(answering: Answering) -> Iterator[tuple[str, list[bytes]]]:
    """Serve an authority on this machine; give its address and the requests that arrive."""
    seen: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = answering(seen[-1])
            assert self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/tsr", seen
        finally:
            server.shutdown()
            thread.join()


def query() -> bytes:
    """Return a request over the manifest."""
    return stamp.request_of(MANIFEST)


def test_a_request_tells_a_hash_and_a_random_number_alone() -> None:
    """Nothing of the manifest is in it; two requests differ by their number."""
    one, other = (tsp.TimeStampReq.load(query()) for _ in range(2))
    assert one["message_imprint"]["hashed_message"].native == hashlib.sha256(MANIFEST).digest()
    assert one["cert_req"].native is True
    assert one["req_policy"].native is one["extensions"].native is None
    assert one["nonce"].native != other["nonce"].native
    assert MANIFEST not in one.dump()


def test_a_right_stamp_holds_against_its_root_and_says_its_time(authority: Signer) -> None:
    """With the root it is proven; without one it is over this manifest, and no more is said."""
    token = answer(query(), authority)
    assert stamp.checked(token, MANIFEST, [authority.root_pem]) == stamp.Stamp(NOW.isoformat(), rooted=True)
    assert not stamp.checked(token, MANIFEST).rooted


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed here")
def test_openssl_says_the_same(authority: Signer, tmp_path: Path) -> None:
    """The token, the manifest and the root as README.txt has a stranger check them; and a wrong one."""
    for name, data in (("m", MANIFEST), ("t", answer(query(), authority)), ("r", authority.root_pem)):
        (tmp_path / name).write_bytes(data)
    words = ["openssl", "ts", "-verify", "-data", "m", "-in", "t", "-CAfile", "r"]
    assert subprocess.run(words, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "m").write_bytes(MANIFEST + b" ")
    assert subprocess.run(words, cwd=tmp_path, check=False, capture_output=True).returncode != 0


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (lambda q, a: answer(q, a, imprint=b"x" * 32), "is over another manifest"),
        (lambda q, a: answer(q, a, status="granted_with_mods"), "granted with modifications"),
        (lambda q, a: answer(q, a, status="rejection"), "the authority's answer is rejected not today"),
        (lambda q, a: answer(q, a, status="waiting"), "the authority's answer is waiting"),
        (lambda q, a: answer(q, a)[:-5], "is no answer of a time-stamping authority"),
        (lambda _q, _a: b"<html>sign in first</html>", "is no answer of a time-stamping authority"),
        (lambda _q, _a: b"", "is no answer of a time-stamping authority"),
        (lambda _q, _a: bytes(1 << 21), "no stamp is so long"),
    ],
)
def test_what_is_no_stamp_over_this_manifest_fails_without_any_root(
    token: Callable[[bytes, Signer], bytes], why: str, authority: Signer
) -> None:
    """Another hash, another status, garbage: refused by what it says itself."""
    with pytest.raises(IntegrityError, match=why):
        stamp.checked(token(query(), authority), MANIFEST)


def test_who_may_not_stamp_is_refused_against_the_root(authority: Signer) -> None:
    """Another root, another key, an expired certificate, one for other uses: each with its reason."""
    stranger = signer("a stranger")
    expired = signer(until=NOW.replace(day=NOW.day, month=2))
    unfit = signer(usages=())
    server = signer(usages=(ExtendedKeyUsageOID.SERVER_AUTH,))
    wrong = [
        (answer(query(), stranger), authority, "unable to get local issuer certificate"),
        (answer(query(), authority, signed_by=stranger), authority, "signature failure"),
        (answer(query(), expired), expired, "certificate has expired"),
        (answer(query(), unfit), unfit, "unsuitable certificate purpose"),
        (answer(query(), server), server, "unsuitable certificate purpose"),
    ]
    for token, root, why in wrong:
        with pytest.raises(IntegrityError, match=f"does not hold against the given root: {why}"):
            stamp.checked(token, MANIFEST, [root.root_pem])


def test_a_root_that_is_none_is_bad_input(authority: Signer) -> None:
    """A file without a certificate, or with none that is a root, is the user's to correct."""
    token = answer(query(), authority)
    with pytest.raises(InputError, match="holds no certificate"):
        stamp.checked(token, MANIFEST, [b"not one"])
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    with pytest.raises(InputError, match="none of its certificates is a root"):
        stamp.checked(token, MANIFEST, [authority.certificate.public_bytes(Encoding.PEM)])


def states(path: Path, *roots: bytes) -> dict[str, str]:
    """Return the state of each item that does not pass."""
    return {c.item: c.word for c in verify_bundle(path, lambda _: None, roots) if not c.passed}


def test_pack_stamps_and_verify_checks(small: Path, authority: Signer, command: Command) -> None:
    """A hash leaves, through the door; the token is kept and stands beside the manifest; no root, no PASS."""
    target, root = small.parent / "s.zip", small.parent / "root.pem"
    root.write_bytes(authority.root_pem)
    with serving(lambda q: (200, answer(q, authority))) as (url, seen):
        for _ in range(2):
            code, _, err = command("pack", small, "--out", target, "--stamp", url)
            assert code == 0, err
    members = members_of(target)
    assert len(seen) == 1  # the second run found the stamp it had
    assert len(seen[0]) < 100
    manifest = hashlib.sha256(members["manifest.json"]).hexdigest()
    with Case(small).store(readonly=True) as store:
        assert [(e["manifest"], e["authority"]) for e in store.noted("stamped")] == [(manifest, url)]
    with EvidenceStore(small / "stamps.sqlite", readonly=True) as store:
        assert [store.body(item) for item in store.items()] == [members["manifest.tsr"]]
    assert states(target) == {"manifest.tsr": "OPEN"}
    code, out, _ = command("verify", target, "--tsa-root", root)
    assert (code, f"PASS  manifest.tsr: the manifest was there at {NOW.isoformat()}" in out) == (0, True)
    assert states(target, signer("other").root_pem) == {"manifest.tsr": "FAIL"}
    del members["manifest.tsr"]
    target.write_bytes(written(members))
    assert states(target) == {"manifest.tsr": "FAIL"}


@pytest.mark.parametrize(
    ("status", "body", "exits", "why"),
    [
        (200, b"<html>sign in</html>", 3, "a page"),
        (200, b"\x30\x03\x02\x01\x00", 5, "is no answer of a time-stamping authority"),
        (404, b"no such place", 3, "no such place"),
    ],
)
def test_an_authority_that_does_not_stamp_leaves_no_bundle(  # noqa: PLR0917  pytest passes them by name
    status: int, body: bytes, exits: int, why: str, small: Path, command: Command
) -> None:
    """What came instead is told, and nothing stands under the final name."""
    target = small.parent / "s.zip"
    with serving(lambda _: (status, body)) as (url, _):
        code, _, err = command("pack", small, "--out", target, "--stamp", url)
    assert (code, why in err, target.exists()) == (exits, True, False), err


def test_an_answer_to_another_request_is_refused(small: Path, authority: Signer, command: Command) -> None:
    """A stamp over this manifest that answers somebody else's request is not taken."""
    kept: list[bytes] = []

    def replayed(query: bytes) -> tuple[int, bytes]:
        asked = tsp.TimeStampReq.load(query)
        asked["nonce"] = 5
        kept.append(query)
        return 200, answer(asked.dump(force=True), authority)

    with serving(replayed) as (url, _):
        code, _, err = command("pack", small, "--stamp", url)
    assert (code, "answers another request" in err) == (3, True), err
    assert kept


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "nonsense", "https://user:secret9@x/y", "https://x/?key=secret9"]
)
def test_an_address_that_cannot_be_asked_or_holds_a_secret_is_refused(
    url: str, small: Path, command: Command
) -> None:
    """The address goes into the log, so no key may be in it."""
    code, _, err = command("pack", small, "--stamp", url)
    assert (code, "secret9" in err) == (2, False)


def test_two_steps_by_way_of_another_machine(  # noqa: PLR0917  pytest passes them by name
    packed: Path, authority: Signer, command: Command, tmp_path: Path
) -> None:
    """Request out, answer in: the stamped bundle verifies; an answer over another bundle is refused."""
    held, tsq, tsr = Path(shutil.copy(packed, tmp_path)), tmp_path / "m.tsq", tmp_path / "m.tsr"
    code, out, _ = command("stamp", held, "--request", tsq)
    assert (code, out.strip()) == (0, tsq.as_posix())
    assert command("stamp", held, "--request", tsq)[0] == 2  # it is there, and may have been sent
    tsr.write_bytes(answer(tsq.read_bytes(), authority, imprint=b"y" * 32))
    code, _, err = command("stamp", held, "--response", tsr, "--request", tsq)
    assert (code, "over another manifest" in err) == (5, True)
    assert held.read_bytes() == packed.read_bytes()
    tsr.write_bytes(answer(tsq.read_bytes(), authority))
    assert command("stamp", held, "--response", tsr, "--request", tsq)[0] == 0
    assert members_of(held) == {**members_of(packed), "manifest.tsr": tsr.read_bytes()}
    assert states(held, authority.root_pem) == {}


def test_stamping_a_bundle_asks_the_authority(packed: Path, authority: Signer, tmp_path: Path) -> None:
    """At once: the token is put in, whatever stamp was there before."""
    held = Path(shutil.copy(packed, tmp_path))
    with serving(lambda q: (200, answer(q, authority))) as (url, _):
        tokens = [bundle.stamped_by(url, members_of(held)["manifest.json"]) for _ in range(2)]
    for token in tokens:
        bundle.stamp_taken(held, held, token)
    assert list(members_of(held))[-1] == "manifest.tsr"
    assert members_of(held)["manifest.tsr"] == tokens[-1] != tokens[0]


def test_without_the_extra_it_says_what_to_install(  # noqa: PLR0917  pytest passes them by name
    packed: Path, authority: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stamping is an error that names the extra; verifying leaves the stamp open and checks the rest."""
    members = members_of(packed)
    members["manifest.tsr"] = answer(stamp.request_of(members["manifest.json"]), authority)
    (tmp_path / "s.zip").write_bytes(written(members))
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(FlowtraceError, match=r"pip install 'flowtrace\[timestamp\]'"):
        stamp.request_of(MANIFEST)
    assert states(tmp_path / "s.zip") == {"manifest.tsr": "OPEN"}


def test_a_case_or_nothing_is_no_bundle(small: Path, command: Command) -> None:
    """The next step is told."""
    for words in ((small, "http://127.0.0.1:9/"), (small.parent / "absent.zip", "--request", "x.tsq")):
        code, _, err = command("stamp", *words)
        assert (code, "flowtrace pack CASE makes one" in err) == (2, True)
    assert command("stamp", small)[0] == 2
