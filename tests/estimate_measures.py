"""How good estimates of errors are, over many problems: measures that several studies share."""

from __future__ import annotations

import numpy as np

ASKED = 0.95  # of all values are to be covered


def measures(
    stated: list[np.ndarray], true: list[np.ndarray], floor: float
) -> tuple[float, float, float]:
    """Share that is covered, median of stated over true, and what that would be at best.

    An array per problem; errors below ``floor`` are none.  At best: the ratio of an estimate that
    knew the root mean square of each problem's own errors, times whatever number covers ASKED of
    all.  Errors pass through zero along a sweep, which no estimate foretells: of a real quantity,
    Gaussian of known spread, that takes a ratio of 2.9, of a complex one 2.1.
    """
    ratios, known = [], []
    for said, off in zip(stated, true, strict=True):
        felt = off > floor
        ratios.append(said[felt] / off[felt])
        known.append(np.sqrt(np.mean(off**2)) / off[felt])
    ratio, best = np.concatenate(ratios), np.concatenate(known)
    at_best = np.median(best) / np.quantile(best, 1.0 - ASKED)
    return float(np.mean(ratio >= 1.0)), float(np.median(ratio)), float(at_best)
