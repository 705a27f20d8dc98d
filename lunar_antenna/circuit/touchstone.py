"""Touchstone text of a network, in full double precision.

Version 1.1, which every program reads and which has one reference impedance; version 2.0 (EIA/IBIS
Open Forum, 2009) where ports have references of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import InputError, one_line


def touchstone_text(
    frequency: FloatArray,
    s: ComplexArray,
    z0: complex | Sequence[complex],
    comments: Iterable[str] = (),
) -> str:
    """The file's text: Hz, S, real and imaginary parts; each comment a line of its own.

    frequency (n,) Hz; s (n, p, p); z0: reference of every port, ohm, or one a port.  Two ports
    stand in the order 11 21 12 22, as version 1 demands.  Raises :class:`InputError` for a
    complex ``z0``.
    """
    count = s.shape[1]
    references = [complex(value) for value in np.broadcast_to(np.asarray(z0), (count,))]
    for reference in references:
        if reference.imag != 0.0:
            raise InputError(
                f"Touchstone holds real reference impedances, this one is {reference} ohm; "
                "renormalise to a real one first"
            )
    lines = [f"! {one_line(comment)}" for comment in comments]
    several = len(set(references)) > 1
    if several:
        lines.append("[Version] 2.0")
    lines.append(f"# Hz S RI R {references[0].real!r}")
    if several:
        lines.append(f"[Number of Ports] {count}")
        lines += ["[Two-Port Data Order] 21_12"] if count == 2 else []
        lines += [
            f"[Number of Frequencies] {frequency.size}",
            "[Reference] " + " ".join(repr(reference.real) for reference in references),
            "[Network Data]",
        ]
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
    lines += ["[End]"] if several else []
    return "\n".join(lines) + "\n"


def suffix(ports: int) -> str:
    """End of the name of a file of ``ports`` ports."""
    return f".s{ports}p"
