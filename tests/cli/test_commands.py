"""The commands on good input: light to start, exact in what they print, safe to print it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import pytest

import flowtrace
from case.small import COVERAGE, INCIDENT, KEEPER, MIXER, TABLE, contents, finished, write_table
from commands import Command
from flowtrace import Case, IncompleteError, Rule, cli
from flowtrace.evidence import EvidenceStore

HEAVY = (
    "web3",
    "pandas",
    "matplotlib",
    "networkx",
    "duckdb",
    "typst",
    "numpy",
    "aiohttp",
    "xlsxwriter",
    "yaml",
)
PUBLIC = {
    "Address", "Amount", "Asset", "Case", "Chain", "Coverage", "FlowtraceError", "IncompleteError",
    "InputError", "Incident", "IntegrityError", "Label", "LabelBook", "Ledger", "Result", "Role", "Rule",
    "StopReason", "Trace", "Transfer", "check_heuristic", "load_labels", "verify",
}  # fmt: skip
LOADED = """
import sys
from flowtrace.cli import main
sys.argv = ["flowtrace", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["--help"], ["trace", "--help"], ["import", "--help"], ["--version"]])
def test_help_is_light(words: list[str]) -> None:
    """Asking for help or the version loads none of the heavy packages."""
    done = subprocess.run([sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.rpartition("loaded:")[2].split())
    assert "flowtrace" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_importing_flowtrace_is_light_and_each_word_loads_on_use() -> None:
    """`import flowtrace` loads its own file alone; a word of the model loads no data frame and no plot."""
    code = (
        "import sys, flowtrace; print(sorted(m for m in sys.modules if m.startswith('flowtrace')));"
        "flowtrace.Address; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert first == "['flowtrace']"
    assert set(eval(second)).isdisjoint(HEAVY)  # noqa: S307  a list this test printed


def test_the_public_words_are_these() -> None:
    """The surface is pinned, at most 30 words, each of them there; anything else is no word of it."""
    assert set(flowtrace.__all__) == PUBLIC == set(dir(flowtrace))
    assert len(PUBLIC) <= 30
    for name in PUBLIC:
        assert getattr(flowtrace, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Wallet'"):
        _ = flowtrace.Wallet


def test_version(command: Command) -> None:
    """--version prints the installed version and nothing else."""
    assert command("--version") == (0, version("flowtrace") + "\n", "")


def test_doctor(command: Command) -> None:
    """The doctor finds this installation whole and says with what."""
    code, out, err = command("doctor")
    assert (code, err) == (0, "")
    for word in (
        version("flowtrace"),
        "deposit_reuse/",
        "labels: ",
        "incidents: 49; recipients of requests: 27",
        "cases: ronin-2022",
    ):
        assert word in out


def test_doctor_misses_heuristics(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without its heuristics is not whole: exit code 1 and how to mend it."""
    monkeypatch.setattr("flowtrace.heuristic.entry_points", lambda **_: ())
    code, _, err = command("doctor")
    assert code == 1
    assert "no heuristics are installed: install flowtrace with pip" in err


def test_heuristics_in_words_and_in_json(command: Command) -> None:
    """Every installed heuristic is listed with claim, citation and error rate; in JSON with all the card."""
    code, words, _ = command("heuristics")
    assert code == 0
    rows = json.loads(command("heuristics", "--json")[1])
    assert {"deposit_reuse/2", "service_stop/1", "dust_and_spoof/1"} <= {row["id"] for row in rows}
    for row in rows:
        assert all(row[key] for key in ("claim", "class", "citation", "failures", "falsified_by"))
        assert all(row[key] in words for key in ("id", "claim", "citation"))
        assert all(rate in words for rate in row["measured"] or ["unmeasured"])


@pytest.mark.parametrize("words", [[], ["--help"], ["import"], ["trace", "--help"], ["verify", "--help"]])
def test_help_is_printed(words: list[str], command: Command) -> None:
    """Without words, or asked for help, the command says what it can do."""
    code, out, err = command(*words)
    assert code == (0 if "--help" in words else 2)
    assert "Usage: flowtrace" in out + err


@pytest.mark.parametrize("words", [["tracr"], ["trace"], ["trace", "a", "b"], ["verify", "--fast", "a"]])
def test_wrong_usage_is_code_2(words: list[str], command: Command) -> None:
    """An unknown verb, a missing or extra word, an unknown option: exit code 2."""
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert "Usage: flowtrace" in err


@pytest.fixture
def case(small_reported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small case, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(small_reported, tmp_path / "small")


def numbers(tree: object) -> Iterator[int]:
    """Yield every whole number in a JSON document, written as number or as text."""
    if isinstance(tree, dict):
        for value in tree.values():
            yield from numbers(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from numbers(value)
    elif isinstance(tree, int):
        yield tree
    elif isinstance(tree, str) and tree.isdigit():
        yield int(tree)


def test_json_is_the_summary_and_nothing_else(case: Path, command: Command) -> None:
    """--json prints summary.json to the byte, and its amounts are those of the result, exact."""
    code, out, err = command("trace", "small", "--json")
    assert (code, err) == (0, "")
    assert out.encode() == (case / "out" / "summary.json").read_bytes()
    summary = json.loads(out)
    result = Case(case).result
    assert not any(isinstance(value, float) for value in floats(summary))
    found = set(numbers(summary))
    for stop in result.trace.stops:
        assert stop.received in found
        assert {stop.taint[rule] for rule in Rule if rule in stop.taint} <= found
    for account in result.trace.accounts:
        assert {account.stolen, account.fees, account.resting} <= found
    assert result.digest in out
    assert result.ledger_digest in out


def floats(tree: object) -> Iterator[object]:
    """Yield every scalar of a JSON document."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list):
        for value in tree:
            yield from floats(value)
    else:
        yield tree


def test_the_table_says_where_the_money_went(case: Path, command: Command) -> None:
    """Results on stdout, words on stderr: recipients, the stolen amount; then where it is written."""
    code, out, err = command("trace", "small")
    assert code == 0
    for word in ("A small theft", "Tornado Cash (mixer)", "40.00", "no data", "at rest", "stolen", "50.00"):
        assert word in out
    assert err.startswith("Written to small/out: start with report.pdf")
    assert err.endswith("Check it any time: flowtrace verify small\n")
    assert command("trace", "small", "--quiet")[1:] == (out, "")
    assert case.is_dir()


def test_words_go_to_a_program_as_they_go_to_a_person(case: Path) -> None:
    """Run as a program of its own: nothing but text, no colour, no progress, whatever the locale says."""
    code, out, err = finished("trace", "small", cwd=case.parent, LC_ALL="C", NO_COLOR="1", TERM="dumb")
    assert code == 0
    assert b"\x1b" not in out + err
    assert "Tornado Cash (mixer)" in out.decode()


HOSTILE = "\x1b[31m[red]EVIL[/red]\u202e\r\x07"


def hostile(folder: Path) -> None:
    """Work a case in whose symbol, title and label a stranger has written."""
    table = TABLE.replace("eip155:1/slip44:60,ETH,18", f'eip155:1/erc20:{"0x" + "dd" * 20},"{HOSTILE}",6')
    (folder / "in").mkdir()
    (folder / "in" / "bad.csv").write_text(table, encoding="utf-8", newline="")
    coverage = COVERAGE.replace("typed by hand", f'"{HOSTILE}"')
    (folder / "in" / "bad.coverage.csv").write_text(coverage, encoding="utf-8", newline="")
    escaped = "\\u001b[31m[red]EVIL[/red]\\u202e\\r\\u0007"
    token = f'asset = "eip155:1/erc20:{"0x" + "dd" * 20}"\nsymbol = "{escaped}"\ndecimals = 6'
    incident = INCIDENT.replace('asset = "eip155:1/slip44:60"', token).replace("A small theft", escaped)
    (folder / "bad" / "labels").mkdir(parents=True)
    (folder / "bad" / "case.toml").write_text("format = 1\n", encoding="utf-8")
    (folder / "bad" / "incident.toml").write_text(incident, encoding="utf-8")


def test_a_stranger_cannot_style_the_terminal(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control characters and markup in a symbol, a title or a check reach no terminal and style nothing."""
    monkeypatch.chdir(tmp_path)
    hostile(tmp_path)
    answers = [
        command("import", "transfers", tmp_path / "in" / "bad.csv", "--case", "bad"),
        command("trace", "bad"),
        command("verify", "bad"),
        command("trace", "bad", "--json"),
    ]
    assert [code for code, *_ in answers] == [0, 0, 0, 0]
    for _, out, err in answers:
        assert not [c for c in out + err if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
    assert "[red]EVIL[/red]" in answers[1][1]  # shown as text, not obeyed
    for name in ("hops.csv", "transfers.csv", "summary.json", "flow.svg", "flow.graphml"):
        assert b"\x1b" not in (tmp_path / "bad" / "out" / name).read_bytes()


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "[red]x[/red]", "a\u202eb"])
def test_a_name_in_an_error_cannot_style_the_terminal(name: str, command: Command) -> None:
    """An error repeats what it was given, on one line, without its control characters."""
    code, _, err = command("trace", name)
    assert (code, err.count("\n")) == (2, 1)
    assert all(c.isprintable() for c in err[:-1])


def test_an_interrupt_says_what_is_kept(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with code 130 and the words that nothing is lost."""

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Case, "open", interrupted)
    code, out, err = command("trace", "small")
    assert (code, out) == (130, "")
    assert "interrupted; what was gathered is kept, run the same command again" in err


@pytest.mark.parametrize(
    ("error", "code"),
    [(OSError(28, "No space left on device"), 1), (IncompleteError("half of it\nis here"), 3)],
)
def test_every_expected_failure_is_one_line(
    *, error: Exception, code: int, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, an incomplete answer: one line and its exit code, never a traceback."""

    def failing(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(Case, "open", failing)
    found, out, err = command("trace", "small")
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert err.startswith("flowtrace: ")


def test_importing_says_what_is_held_and_what_comes_next(command: Command, tmp_path: Path) -> None:
    """Import says how many answers the case holds; said again, it holds no more."""
    table = write_table(tmp_path / "in")
    for _ in range(2):
        code, out, err = command("import", "transfers", table, "--case", tmp_path / "new")
        assert (code, out) == (0, "")
        assert err == f"{tmp_path / 'new'} holds 2 answers. Next: flowtrace trace {tmp_path / 'new'}\n"
    with EvidenceStore(tmp_path / "new" / "evidence.sqlite", readonly=True) as store:
        assert [item.media for item in store.items()] == ["flowtrace-transfers", "flowtrace-coverage"]


def test_a_case_is_named_after_its_input(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --case the folder takes the input's name."""
    monkeypatch.chdir(tmp_path)
    assert command("import", "transfers", write_table(tmp_path / "in"), "-q") == (0, "", "")
    assert sorted(contents(tmp_path / "small")) == ["case.toml", "evidence.sqlite"]


def test_a_library_user_gets_the_same(case: Path) -> None:
    """Frame, graph, figure and table of a case are what the command reports of it."""
    opened = Case(case)
    assert len(opened.frame()) == 4
    graph = opened.graph()
    assert graph.number_of_edges() == len(opened.result.trace.hops)
    assert {MIXER, KEEPER} <= {str(node).lower().rpartition(":")[2] for node in graph}
    assert [block.rows[-1][0] for block in opened.account()] == ["stolen"]
    figure = opened.figure()
    assert figure.get_axes() or figure.texts or figure.patches
    import matplotlib.pyplot as plt  # noqa: PLC0415

    plt.close("all")


def test_the_module_is_the_command() -> None:
    """`python -m flowtrace` is `flowtrace`."""
    assert finished("--version", cwd=Path(os.curdir))[:2] == (0, version("flowtrace").encode() + b"\n")
    assert cli.main.__doc__


MADE = Path(__file__).parents[1] / "files" / "made"


def test_files_of_other_tools_are_taken_in(command: Command, tmp_path: Path) -> None:
    """Exports of another tool become evidence, named one by one; said again, nothing is added."""
    case = tmp_path / "cryo"
    code, out, err = command("import", "files", MADE / "cryo", "--case", case)
    assert (code, out) == (0, "")
    assert "cryo native_transfers" in err
    assert f"{case} holds 5 more files. Next: flowtrace trace {case}" in err
    held = len(Case(case).ledger)
    assert held
    assert f"{case} holds 0 more files" in command("import", "files", MADE / "cryo", "--case", case)[2]
    assert len(Case(case).ledger) == held


def test_files_that_contradict_each_other_are_not_taken_in(command: Command, tmp_path: Path) -> None:
    """Two tables that tell one thing twice are refused together, and the case holds what it held."""
    code, _, err = command("import", "files", MADE / "ethereum-etl", "--case", tmp_path / "etl")
    assert (code, err.count("\n")) == (2, 1)
    assert "stands at the same place" in err
    with EvidenceStore(tmp_path / "etl" / "evidence.sqlite", readonly=True) as store:
        assert store.items() == []


def test_explain_says_how_it_came(small_reported: Path, tmp_path: Path, command: Command) -> None:
    """`flowtrace explain CASE ADDRESS`: sentences in order, or data; one line where nothing came."""
    case = shutil.copytree(small_reported, tmp_path / "small")
    code, words, _ = command("explain", case, MIXER, "--rule", "fifo", "-q")
    assert code == 0
    assert words.startswith("Under FIFO, 40 ETH of stolen value (eth) came to 0xd90e2f92")
    assert words.splitlines()[-1] == "Lot of 40 ETH: by 1 → 2."
    code, data, _ = command("explain", case, MIXER, "--json")
    assert [(one["rule"], one["arrived"]["base_units"]) for one in json.loads(data)] == [
        ("pro_rata", str(40 * 10**18))
    ]
    code, words, _ = command("explain", case, "0x" + "77" * 20, "-q")
    assert (code, words.startswith("no traced value came to 0x7777")) == (0, True)
    code, _, fault = command("explain", case, MIXER, "--rule", "poison", "-q")
    assert (code, "poison claims" in fault) == (2, True)
    code, _, fault = command("explain", case, MIXER, "--rule", "guess", "-q")
    assert (code, "no rule is called 'guess'" in fault) == (2, True)


def test_origin_says_where_it_came_from(small_reported: Path, tmp_path: Path, command: Command) -> None:
    """`flowtrace origin CASE ADDRESS`: the sources in order, or data; one line where nothing came."""
    case = shutil.copytree(small_reported, tmp_path / "small")
    code, words, _ = command("origin", case, MIXER, "--rule", "lifo", "-q")
    assert code == 0
    assert words.splitlines()[1].startswith("40 ETH (100.00 %): theft eth of 0x")
    code, data, _ = command("origin", case, MIXER, "--json")
    assert [one["received"]["base_units"] for one in json.loads(data)] == [str(40 * 10**18)]
    code, words, _ = command("origin", case, "0x" + "77" * 20, "-q")
    assert (code, words.startswith("the record shows nothing that came to 0x7777")) == (0, True)
    code, _, fault = command("origin", case, "nobody", "-q")
    assert (code, "is no address of a known chain" in fault) == (2, True)
