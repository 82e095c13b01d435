"""The command line: verbs over the library, no logic. Results on stdout, words on stderr."""

from flowtrace.cli.verbs import main

__all__ = ["main"]
