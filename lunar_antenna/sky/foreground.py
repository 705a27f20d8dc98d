"""Fits of a smooth foreground: functions of frequency, and what least squares leaves.

    log_polynomial   g_n = x^-2.5 (ln x)^n,  n = 0 .. N-1,  x = f/f_c
    edges            g_0 .. g_2 as above, g_3 = x^-4.5, g_4 = x^-2: synchrotron emission with its
                     running, absorption and emission of the ionosphere: the linearised physical
                     foreground of Bowman et al., Nature 555, 67 (2018), Methods.  N < 5: the first
                     N; N > 5 (ours): x^-2.5 (ln x)^n, n = 3, 4, .. after them

The five terms and their order are read from the PhysicalLin model of EDGES' own calibration code
(edges-collab/edges-cal, modelling), and the same five from jessecross/21sampler, which cites Hills
et al., Nature 564, E32 (2018), eq. 8; the article itself was not at hand.  EDGES' other
models are LinLog, which is log_polynomial, and powers x^(n - 2.5), which is not here.

f_c is the geometric mean of the first and last frequency; it changes the coefficients of either,
not what the log-polynomial leaves.
"""

from __future__ import annotations

import numpy as np

from ..common.checks import choice, whole
from ..conventions import FloatArray
from ..errors import InputError

TERMS = 5
BASES = ("log_polynomial", "edges")


def basis_functions(frequency: FloatArray, terms: int, basis: str) -> FloatArray:
    """(n, terms) functions of the fit; more frequencies than terms, or :class:`InputError`."""
    choice("basis", basis, BASES)
    count = whole("terms", terms, low=1, high=20)
    if frequency.size <= count:
        raise InputError(
            f"{frequency.size} frequencies for a fit of {count} terms leave nothing; solve more "
            f"points (several times {count}) or give fewer terms"
        )
    x = frequency / np.sqrt(frequency[0] * frequency[-1])
    power, log = x**-2.5, np.log(x)
    if basis == "log_polynomial":
        return np.stack([power * log**n for n in range(count)], axis=1)
    physical = [power, power * log, power * log**2, x**-4.5, x**-2.0]
    further = [power * log**n for n in range(3, count - 2)]
    return np.stack([*physical, *further][:count], axis=1)


def residual(
    functions: FloatArray, curves: FloatArray, weight: FloatArray | None = None
) -> FloatArray:
    """(k, n): what least squares of ``functions`` (n, terms) leaves of ``curves`` (k, n).

    weight: (n,) of each frequency's misfit; None: all alike.
    """
    scale = np.ones(functions.shape[0]) if weight is None else weight
    columns, _ = np.linalg.qr(functions * scale[:, None])
    left = curves * scale
    for _ in range(2):  # the second pass takes away what rounding left of large smooth parts
        left = left - (left @ columns) @ columns.T
    return np.asarray(left / scale)


def rms(values: FloatArray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(values**2)))
