"""How far the numbers can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..page import Picture, Section, Table, number, percent, small

if TYPE_CHECKING:
    from ...solution import Solution

_CLOSURE_LIMIT = 0.005


def warnings_of(solution: Solution) -> list[str]:
    found = []
    if not solution.quality.converged:
        found.append("The solver did not converge: do not use these numbers.")
    worst = float(solution.quality.power_closure.max())
    if worst > _CLOSURE_LIMIT:
        found.append(
            f"The power balance is open by up to {percent(worst, 2)}: efficiencies are uncertain "
            "by that much."
        )
    return found


def trust_section(solution: Solution) -> Section:
    from ...plotting.balance import plot_balance

    quality = solution.quality
    rows = [
        ("converged", "yes" if quality.converged else "no"),
        ("power closure, worst", quality.worst_closure),
        (
            "estimated |dZ|/|Z|, worst",
            "not given" if quality.z_error is None else small(float(np.max(quality.z_error))),
        ),
        (
            "estimated error of the shares of power, worst",
            "not given"
            if quality.efficiency_error is None
            else small(float(np.max(quality.efficiency_error))),
        ),
    ]
    for name, value in quality.details.items():
        array = np.asarray(value)
        if array.dtype.kind in "fiub" and array.size:
            low, high = float(array.min()), float(array.max())
            text = number(low, digits=4) if low == high else f"{low:.4g} to {high:.4g}"
            rows.append((name.replace("_", " "), text))
    return Section(
        "trust",
        "Power balance and quality",
        "Closure compares the real part of the impedance with the sum of all powers, each found "
        "on its own; the error of Z is the solver's estimate.",
        [Picture.of(plot_balance(solution), "Relative errors against frequency")],
        [Table(rows)],
    )
