"""How light colours are in grey print, and to eyes that lack a kind of cone."""

from __future__ import annotations


def seen(colour: str) -> tuple[float, float, float]:
    """Return the lightness of a colour in grey print, to a deuteranope and to a protanope (0 to 1).

    The two by the matrices of Machado, Oliveira and Fernandes 2009, severity 1; grey by CIE 1931 luminance.
    """
    rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    deutan = (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    )
    protan = (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    )
    same = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    found = []
    for matrix in (same, deutan, protan):
        r, g, b = (sum(m * c for m, c in zip(row, linear, strict=True)) for row in matrix)
        luminance = max(0.0, 0.2126 * r + 0.7152 * g + 0.0722 * b)
        found.append(luminance ** (1 / 3))
    return found[0], found[1], found[2]
