"""Where labels of one address contradict each other, and which of them counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flowtrace.model.label import Category, Label

ORDER = (
    "a person's decision first, then the GraphSense confidence level, then the newer date, then the text; "
    "third parties' claims (class X) never decide"
)
"""The stated order in which labels that contradict each other are resolved."""
_SAYS_NOTHING = frozenset({Category.OTHER, Category.TOKEN})  # of who the actor is


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two things said of one address that cannot both be so.

    Attributes
    ----------
    about
        ``entity`` or ``category``.
    said
        One label for each thing that is said, the one that counts first.
    """

    about: str
    said: tuple[Label, ...]


def contradictions(labels: Iterable[Label]) -> tuple[Contradiction, ...]:
    """Return where labels of one address name different actors, or different kinds of actor.

    Parameters
    ----------
    labels
        Strongest first. Those of third parties (class X) contradict nothing.
    """
    held = [one for one in labels if not one.asserted]
    actors = _first_of_each((one.entity.id, one) for one in held if one.entity)
    kinds = _first_of_each((one.category.value, one) for one in held if one.category not in _SAYS_NOTHING)
    found = (Contradiction("entity", actors), Contradiction("category", kinds))
    return tuple(one for one in found if len(one.said) > 1)


def _first_of_each(said: Iterable[tuple[str, Label]]) -> tuple[Label, ...]:
    first: dict[str, Label] = {}
    for name, label in said:
        first.setdefault(name, label)
    return tuple(first.values())
