"""Sanctions and warning lists: read from what their publishers give out, kept, and asked as of a day."""

from flowtrace.labels.lists.homes import HOMES, Home
from flowtrace.labels.lists.listing import Listing
from flowtrace.labels.lists.read import Read, read_list
from flowtrace.labels.lists.screen import Match, Word
from flowtrace.labels.lists.snapshots import Snapshot, Snapshots

__all__ = ["HOMES", "Home", "Listing", "Match", "Read", "Snapshot", "Snapshots", "Word", "read_list"]
