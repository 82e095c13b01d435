"""A public copy of a case of bank statements names no account of a person, nor the files it came from."""

from __future__ import annotations

import json
from pathlib import Path

from case.test_bank_case import INCIDENT, LABELS
from files.bank_world import EXCHANGE, MULE, STATEMENTS, THIEF, VICTIM
from flowtrace.case import Case, publish
from flowtrace.model import ETHEREUM, Audience
from report.test_profile import everything, squeezed


def test_no_account_of_a_person_is_named(tmp_path: Path) -> None:
    """Victim, thief and mule are withheld; the bank that a label names is not a person."""
    (tmp_path / "statements").mkdir()
    for name, body in STATEMENTS.items():
        (tmp_path / "statements" / name).write_bytes(body)
    case = Case.start(tmp_path / "toy", "")
    case.import_files([tmp_path / "statements"], ETHEREUM)
    (case.folder / "incident.toml").write_text(INCIDENT, encoding="utf-8")
    (case.folder / "labels").mkdir()
    (case.folder / "labels" / "own.yaml").write_text(LABELS, encoding="utf-8")
    out = publish(Case.open(case.folder), Audience.PUBLIC)
    found = [(name, squeezed(text)) for name, text in everything(out)]
    secrets = (VICTIM, THIEF, MULE, "an invented person", "toy-bank", *STATEMENTS)
    for name, text in found:
        assert not [secret for secret in secrets if squeezed(secret) in text], name
    assert EXCHANGE in (out / "transfers.csv").read_text(encoding="utf-8")
    stated = json.loads((out / "manifest.json").read_bytes())
    assert stated["profile"] == "public"
    assert stated["digest"] == Case.open(case.folder).result.digest
