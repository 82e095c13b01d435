"""Stage one: sources. Each file is one source: what it asks, and how its answers become transfers.

The asking halves come with the live fetchers; recorded and live answers share the reading halves here.
"""

from flowtrace.fetch.read import media_of, read_answer

__all__ = ["media_of", "read_answer"]
