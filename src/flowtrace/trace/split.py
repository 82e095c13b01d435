"""Largest-remainder (Hamilton) split of whole units: exact, conserving, ties by lower index."""

from __future__ import annotations

from collections.abc import Sequence


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide ``total`` units in proportion to ``weights``.

    Each share is floor(total·w/W); the units left over go one each to the largest remainders, ties to the
    lower index. Sums to ``total`` exactly; no share exceeds its weight where ``total`` ≤ W.

    Parameters
    ----------
    total
        Base units to divide, not negative.
    weights
        Base units of each part, none negative, not all zero unless ``total`` is 0.

    Examples
    --------
    >>> split(100, [1, 1, 1]), split(7, [3, 3, 3, 1])
    ([34, 33, 33], [2, 2, 2, 1])
    """
    whole = sum(weights)
    if total == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares
