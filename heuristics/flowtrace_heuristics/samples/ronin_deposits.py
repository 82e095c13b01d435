"""The deposit addresses of the Ronin theft that have a record, against roles that others published."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from flowtrace.case import Case
from flowtrace.labels import load_labels
from flowtrace.measure import Counts, Sample
from flowtrace.model import Address, Role, RoleName
from flowtrace_heuristics.account.deposit_reuse import deposit_reuse

_FOLDER = "cases/ronin2022"
_KEY = f"{_FOLDER}/answer_key_tayvano.tsv"


def count(folder: Path) -> Counts:
    """Count the key's addresses with a recorded history: called a deposit address or not, rightly or not."""
    with TemporaryDirectory() as work:
        case, _ = Case.of_recordings(folder / _FOLDER, Path(work) / "ronin")
        ledger = case.ledger
        found = deposit_reuse(ledger, load_labels())
    deposits = {one.address for one in found if isinstance(one, Role) and one.role is RoleName.DEPOSIT}
    key = {address: role for address, role in _key(folder) if ledger.coverage_of(address)}
    true = {address for address, role in key.items() if role.endswith("Deposit Address")}
    called = deposits & key.keys()
    return Counts(
        tp=len(called & true),
        fp=len(called - true),
        fn=len(true - called),
        tn=len(key.keys() - true - called),
    )


def _key(folder: Path) -> list[tuple[Address, str]]:
    rows = (line.split("\t") for line in (folder / _KEY).read_text(encoding="utf-8").splitlines())
    return [(Address.parse("ethereum", account), role) for account, role in rows]


SAMPLE = Sample(
    by=deposit_reuse.by,
    name="addresses of the Ronin theft with a recorded history, roles by independent research",
    source=(
        "recorded answers: github.com/794798763/S-TRP at 2e561c55; roles: "
        "github.com/tayvano/lazarus-bluenoroff-research at 95747945"
    ),
    what="addresses called an exchange's deposit address",
    files=(f"{_FOLDER}/manifest.json", _KEY, f"{_FOLDER}/etherscan_txlist/*.json.gz"),
    count=count,
)
