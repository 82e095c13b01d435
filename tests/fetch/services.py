"""What a stand-in for a service offers the laws that every source must keep.

A stand-in holds a small invented world and answers requests as the real service would, pages and all. One
file per kind, ``KIND_service.py``, with a function ``service()`` that returns one.
"""

from __future__ import annotations

from typing import Protocol

from flowtrace.fetch.provider import Provider
from flowtrace.fetch.source import Pin
from flowtrace.model import Address, Request

Reply = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class Service(Protocol):
    """A service with a small world behind it."""

    provider: Provider
    """How flowtrace knows it; small pages, so that there are several."""
    address: Address
    """An address with a history of several pages."""
    pin: Pin

    def answer(self, request: Request) -> Reply:
        """Answer as the service would."""
