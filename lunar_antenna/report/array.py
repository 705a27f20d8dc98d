"""The page of an array: places, coupling, embedded patterns, active reflection, and its errors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..circuit.waves import decibel
from ..common.files import write_text
from ..common.rows import evenly
from ..errors import InputError
from ..plotting.style import ohms
from .page import Picture, Section, Table, number, percent, small
from .report import filled

if TYPE_CHECKING:
    from ..array_solution import ArraySolution

_Z0 = 100.0  # ohm, where the caller names no reference


def array_report(
    solution: ArraySolution, out: str | os.PathLike[str] = "report.html", z0: float | None = None
) -> Path:
    """Write the page to ``out`` (.html).  z0: ohm, of coupling and active reflection; 100 without.

    Raises :class:`InputError` for a name that is not .html.
    """
    target = Path(out)
    if target.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{target.name}: a report ends in .html; rename it")
    array, origin = solution.array, solution.provenance
    reference = _Z0 if z0 is None else z0
    text = filled(
        title=f"{array.name}: {array.n_elements} elements on {array.stack.name}",
        subtitle=(
            f"{solution.n_ports} ports, accuracy {origin.accuracy}, {solution.frequency.size} "
            f"frequencies; lunar-antenna {origin.package_version}"
        ),
        facts=_facts(solution, reference),
        warnings=[]
        if solution.quality.converged
        else ["The array did not converge: do not use these numbers."],
        sections=[_places(solution), _coupling(solution, reference), _trust(solution)],
    )
    return write_text(target, text)


def _facts(solution: ArraySolution, z0: float) -> list[tuple[str, str]]:
    told = solution.summary(z0)
    coupling, active = (
        np.array(told[name]) for name in ("largest_coupling", "worst_active_reflection")
    )
    mhz = solution.frequency / 1e6
    most, worst = int(coupling.argmax()), int(active.argmax())
    return [
        (
            f"largest coupling, {ohms(z0)}",
            f"{number(decibel(coupling[most]), 'dB')} at {mhz[most]:.4g} MHz",
        ),
        (
            "worst active reflection, all ports alike",
            f"{number(decibel(active[worst]), 'dB')} at {mhz[worst]:.4g} MHz",
        ),
        ("power closure, worst", solution.quality.worst_closure),
        *(
            (f"error of {name}, worst", small(float(np.max(solution.quality.details[key]))))
            for name, key in (
                ("Z", "error_z"), ("patterns", "error_pattern"), ("losses", "error_loss"),
            )
            if key in solution.quality.details
        ),
    ]  # fmt: skip


def _places(solution: ArraySolution) -> Section:
    from ..plotting.array import plot_array_layout
    from ..plotting.soil import plot_stack

    array = solution.array
    figures = [Picture.of(plot_array_layout(array), "The array from above", "png")]
    if any(not layer.is_conductor for layer in array.stack.layers):
        figures.append(Picture.of(plot_stack(array.stack), "The soil"))
    rows = [
        (
            name,
            array.types[k],
            f"{array.positions[k, 0]:.3f} m",
            f"{array.positions[k, 1]:.3f} m",
            f"{np.rad2deg(array.rotations[k]):.1f}°",
        )
        for k, name in enumerate(array.names)
    ]
    return Section(
        "places",
        "Elements",
        " ".join(array.notes),
        figures,
        [Table(rows, ("Element", "type", "x, East", "y, North", "turned"))],
        side_by_side=True,
    )


def _coupling(solution: ArraySolution, z0: float) -> Section:
    from ..plotting.array import plot_array_coupling, plot_array_patterns

    told = solution.summary(z0)
    rows = [
        (
            f"{solution.frequency[k] / 1e6:.4g} MHz",
            f"{float(decibel(told['largest_coupling'][k])):.1f} dB",
            f"{float(decibel(told['worst_active_reflection'][k])):.1f} dB",
        )
        for k in evenly(solution.frequency.size)
    ]
    return Section(
        "coupling",
        "Coupling",
        "Embedded patterns have all other ports open; active reflection is of the first ports.",
        [
            Picture.of(plot_array_coupling(solution, z0), "Coupling and active reflection", "png"),
            Picture.of(plot_array_patterns(solution), "Embedded patterns, and the element alone"),
        ],
        [Table(rows, ("Frequency", "largest |S|", "worst active reflection"))],
    )


def _trust(solution: ArraySolution) -> Section:
    details, quality = solution.quality.details, solution.quality
    names = [name for name in ("error_z", "error_pattern", "error_loss") if name in details]
    rows = []
    for k in evenly(solution.frequency.size):
        mesh = "none" if quality.z_error is None else percent(float(quality.z_error[k]), 2)
        rows.append(
            (
                f"{solution.frequency[k] / 1e6:.4g} MHz",
                *(small(float(details[name][k])) for name in names),
                mesh,
                small(float(quality.power_closure[k])),
            )
        )
    head = {"error_z": "Z", "error_pattern": "patterns", "error_loss": "losses"}
    return Section(
        "trust",
        "How far to trust it",
        "Errors of the array's solution for the given mesh: of max |Z|, of the peak, of max Re Z. "
        "The mesh's own error is that of an element alone.",
        tables=[
            Table(rows, ("Frequency", *(head[n] for n in names), "mesh, of Z", "power closure"))
        ],
    )
