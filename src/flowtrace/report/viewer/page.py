"""The file: one HTML page that holds its style, its script and its data, and may load or send nothing.

The Content-Security-Policy lets in one script and one style, by their hashes, and nothing else at all;
so a stranger's text that broke out of the data could still neither run nor call anybody. The data is not
compressed: compressors differ between machines, and a reader of the file shall see what it says.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files as resources
from typing import Any

from flowtrace.model import Result, Stop, envelope
from flowtrace.report.cells import exact_amount, plain
from flowtrace.report.viewer.data import view_data

MODULES = (
    "text", "trail", "geometry", "flow", "camera", "elements", "lists", "ink", "labels", "paint", "legend",
    "details", "finder", "span", "tables", "controls", "pointer", "keys", "viewer", "page",
)  # fmt: skip
"""The modules in an order in which each stands behind what it imports."""

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_MOST_STOPS = 500


def flow_html(result: Result) -> bytes:
    """Return the interactive flow of a result, the same bytes on every run."""
    data = embedded(view_data(result))
    digest = hashlib.sha256(data.encode()).hexdigest()
    style, script = _read("viewer.css"), bundled()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    title = html.escape(plain(result.incident.title) or plain(result.incident.id))
    parts = (
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{title} · flow</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        f'<div id="flow" data-sha256="{digest}"></div>',
        f"<noscript>{''.join(_without_script(result))}</noscript>",
        f'<script type="application/json" id="data">{data}</script>',
        f'<script type="module">{script}</script>',
        "</body>",
        "</html>",
    )
    return ("\n".join(parts) + "\n").encode()


def embedded(data: Mapping[str, Any]) -> str:
    """Return data as JSON that no HTML parser sees anything in: ASCII, no angle bracket, no ampersand."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def bundled() -> str:
    """Return the modules as one script: each in a function of its own, its imports taken from those above."""
    return "\n" + "\n".join(_enclosed(name, _read(f"{name}.js")) for name in MODULES)


def _enclosed(name: str, text: str) -> str:
    exports = ", ".join(found[1] for found in _EXPORT.finditer(text))
    inner = _EXPORT.sub("", _IMPORT.sub(r"const \1 = \2Module;", text))
    return f"const {name}Module = (() => {{\n{inner}\nreturn {{ {exports} }};\n}})();"


def _read(name: str) -> str:
    return resources("flowtrace.report.viewer").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _without_script(result: Result) -> Iterator[str]:
    """Yield what a reader without scripts is shown: where value rests, and where all else is."""
    stops = [stop for stop in result.trace.stops if any(stop.taint.values())]
    yield f"<h1>{html.escape(plain(result.incident.title))}</h1>"
    yield "<p>This page draws the flow by a script. Without it: where traced value came to rest, by rule. "
    yield f"The first {min(len(stops), _MOST_STOPS)} of {len(stops)} rows; all are in summary.json.</p>"
    yield "<table><thead><tr><th>Address<th>Whose<th>Why the trace ends<th>Least<th>Most</tr></thead><tbody>"
    for stop in stops[:_MOST_STOPS]:
        cells = (str(stop.address), stop.entity.name if stop.entity else "", stop.reason.value, *_range(stop))
        yield f"<tr>{''.join(f'<td>{html.escape(plain(cell))}' for cell in cells)}</tr>"
    yield "</tbody></table>"


def _range(stop: Stop) -> tuple[str, str]:
    low, high = envelope(stop.taint)
    return exact_amount(stop.asset, low), exact_amount(stop.asset, high)
