"""The Python interface: every public name, its signature and docstring by autodoc."""

from __future__ import annotations

import importlib
import inspect

import lunar_antenna as la

# Titles and their names; a public name that stands in none fails :func:`page`.
GROUPS = (
    ("Layouts", ("load_geometry", "Layout", "Port", "Gap", "Metal", "Film")),
    ("Soil and problem", ("load_soil", "Stack", "Layer", "Band", "Problem")),
    ("Solving", ("solve", "load", "Solution", "Efficiency", "FarField", "resonances", "export")),
    ("Figures", ("plot",)),
    ("Search", ("optimize", "StudySettings", "tolerance", "bound")),
    ("Measurements", ("load_measurement", "compare", "invert", "InversionSettings")),
    ("Emulation", ("emulate", "Emulator")),
    ("Sky", ("noise_budget", "noise_ratio", "noise_covariance", "Receiver", "load_sky", "Site",
             "Observation", "antenna_temperature", "chromaticity", "beam_error", "load_spherical")),
    ("Arrays", ("Array", "load_array", "solve_array", "ArraySolution", "load_array_solution")),
    ("Errors", ("LunarAntennaError", "InputError", "SolverError", "MissingEngineError")),
)  # fmt: skip


def page() -> str:
    """reStructuredText; a public name without a group goes to the last section."""
    grouped = {name for _, names in GROUPS for name in names}
    public = [name for name in la.__all__ if not name.startswith("_")]
    rest = tuple(name for name in public if name not in grouped)
    lines = ["Python API", "==========", "", "``import lunar_antenna as la``; every name is "
    "imported "
             "when it is first used.", ""]  # fmt: skip
    for title, names in (*GROUPS, *((("More", rest),) if rest else ())):
        lines += [title, "-" * len(title), ""]
        for name in names:
            if name in public:
                lines += _plots() if name == "plot" else _entry(f"lunar_antenna.{name}")
    return "\n".join(lines)


def _entry(dotted: str) -> list[str]:
    module, _, name = dotted.rpartition(".")
    if inspect.isclass(getattr(importlib.import_module(module), name)):
        return [f".. autoclass:: {dotted}", "   :members:", ""]
    return [f".. autofunction:: {dotted}", ""]


def _plots() -> list[str]:
    from lunar_antenna.plotting.front import KINDS

    lines = [
        "``la.plot.KIND(...)`` returns a matplotlib figure. The kinds and the functions "
        "behind them:",
        "",
    ]
    for kind, (module, function) in KINDS.items():
        lines += [f"la.plot.{kind}", "~" * (8 + len(kind)), ""]
        lines += [
            f".. autofunction:: lunar_antenna.plotting.{module}.{function}",
            "   :no-index:",
            "",
        ]
    return lines
