"""The options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

CaseName = Annotated[
    str, typer.Argument(metavar="CASE", help="A case folder, or the name of a bundled case.")
]
CaseOption = Annotated[
    str, typer.Option("--case", help="The case folder; by default named after what is given.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of a table.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress, no closing words, only what failed.")
]
ChainName = Annotated[
    str, typer.Option("--chain", help="The chain, where the address or hash does not tell: ethereum, base …")
]
Offline = Annotated[bool, typer.Option("--offline", help="Send nothing: work on the evidence that is held.")]
Requests = Annotated[
    int, typer.Option("--requests", min=0, help="Send at most so many requests (0: no limit).")
]
Minutes = Annotated[
    float, typer.Option("--minutes", min=0, help="Stop asking after so many minutes (0: no limit).")
]
Confirm = Annotated[
    bool, typer.Option("--confirm", help="Ask a second, independent source and mark what both tell.")
]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Read on to the newest final block, not to where the case stopped.")
]
SourceNames = Annotated[
    list[str] | None,
    typer.Option(
        "--source", help="Ask only this source; may be given more than once. See: flowtrace sources"
    ),
]
