"""Touchstone 1.1 text of a network, in full double precision."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import InputError, one_line


def touchstone_text(
    frequency: FloatArray, s: ComplexArray, z0: complex, comments: Iterable[str] = ()
) -> str:
    """The file's text: Hz, S, real and imaginary parts; each comment a line of its own.

    frequency (n,) Hz; s (n, p, p); z0: reference of every port, ohm.  Two ports stand in the
    order 11 21 12 22, as version 1 demands.  Raises :class:`InputError` for a complex ``z0``.
    """
    z0 = complex(z0)
    if z0.imag != 0.0:
        raise InputError(
            f"Touchstone holds real reference impedances, this one is {z0} ohm; "
            "renormalise to a real one first"
        )
    lines = [f"! {one_line(comment)}" for comment in comments]
    lines.append(f"# Hz S RI R {z0.real!r}")
    count = s.shape[1]
    for hertz, matrix in zip(frequency, s, strict=True):
        if count == 2:
            matrix = matrix.T
        if count <= 2:
            rows = [matrix.ravel()]
        else:
            rows = [row[start : start + 4] for row in matrix for start in range(0, count, 4)]
        for number, row in enumerate(rows):
            values = np.column_stack((row.real, row.imag)).ravel().tolist()
            lead = f"{float(hertz)!r} " if number == 0 else ""
            lines.append(lead + " ".join(repr(value) for value in values))
    return "\n".join(lines) + "\n"


def suffix(ports: int) -> str:
    """End of the name of a file of ``ports`` ports."""
    return f".s{ports}p"
