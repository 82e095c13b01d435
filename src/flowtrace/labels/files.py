"""Which reader a file of labels takes: told by its name and its first bytes."""

from __future__ import annotations

from collections.abc import Iterator

from flowtrace.errors import InputError
from flowtrace.labels.dumps import Dump, Origin, explorer_json, label_rows, tag_rows
from flowtrace.labels.freezes import freeze_labels, is_freezes, is_logs, log_labels
from flowtrace.labels.row import read_yaml
from flowtrace.labels.tagpack import label_reader
from flowtrace.labels.untrusted import one_line
from flowtrace.labels.wallets import is_ftm, wallets
from flowtrace.model import Label

_TAG_COLUMNS = ("banned_address", "contract_address", "etherscan_tag", "family")
_LARGEST = 1 << 28


def _tags(dump: Dump) -> Iterator[Label]:
    """Yield the labels of a TagPack; a tag that cannot be used is told beside them."""
    header = read_yaml(dump.data, dump.name)
    label_of = label_reader(header, dump.entities)
    for row in header.rows("tags"):
        try:
            label = label_of(row)
        except InputError as fault:
            dump.refused.append(str(fault))
            continue
        if label is not None:
            yield label


def read_labels(dump: Dump, origin: Origin | None = None) -> Iterator[Label]:
    """Return the labels of a file of any form that is known.

    Parameters
    ----------
    origin
        Who says so, for forms that do not tell it.

    Raises
    ------
    InputError
        If it has no such form, or is larger than 256 MB.
    """
    name, data = dump.name, dump.data
    if len(data) > _LARGEST:
        raise InputError(f"{name}: is larger than {_LARGEST >> 20} MB: take it apart")
    said = origin or Origin(one_line(f"the file {name}"), "unknown")
    if name.endswith((".yaml", ".yml")):
        return _tags(dump)
    if name.endswith((".jsonl", ".ndjson", ".ftm.json", ".entities.json", ".nested.json")) or (
        name.endswith(".json") and is_ftm(data)
    ):
        return wallets(dump, said)
    if name.endswith(".json"):
        return log_labels(data, name) if is_logs(data) else explorer_json(dump, said)
    if name.endswith(".csv"):
        columns = data[:2000].partition(b"\n")[0].decode(errors="replace").strip("\ufeff\r ").split(",")
        if is_freezes(columns):
            return freeze_labels(data, name)
        if any(column in columns for column in _TAG_COLUMNS):
            return tag_rows(dump, said)
        return label_rows(dump, origin)
    raise InputError(f"{name}: no form of labels that is known: a TagPack .yaml, .csv, .json or .jsonl")
