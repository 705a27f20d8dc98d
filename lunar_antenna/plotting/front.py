"""``la.plot`` and ``solution.plot``: every figure by name, each shown by a notebook as it is.

A kind of figure is one line of the table below: the module of this folder and its function, whose
first argument is what is drawn.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..common.checks import did_you_mean, shown
from ..errors import InputError, one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS: dict[str, tuple[str, str]] = {
    "overview": ("notebook", "plot_solution"),
    "s11": ("s11", "plot_s11"),
    "smith": ("smith", "plot_smith"),
    "impedance": ("impedance", "plot_impedance"),
    "efficiency": ("efficiency", "plot_efficiency"),
    "pattern": ("pattern", "plot_pattern_cuts"),
    "pattern_3d": ("pattern", "plot_pattern_3d"),
    "pattern_measures": ("pattern_measure", "plot_pattern_measures"),
    "current": ("current", "plot_current"),
    "balance": ("balance", "plot_balance"),
    "layout": ("layout", "plot_layout"),
    "soil": ("soil", "plot_stack"),
    "measurement": ("notebook", "plot_measurement"),
    "comparison": ("compare", "plot_comparison"),
    "fsv": ("fsv", "plot_fsv"),
    "noise": ("sky", "plot_noise"),
    "antenna_temperature": ("chromaticity", "plot_antenna_temperature"),
    "chromaticity": ("chromaticity", "plot_chromaticity"),
    "beam_slope": ("chromaticity", "plot_beam_slope"),
    "bound": ("bound", "plot_bound"),
    "tolerance": ("tolerance", "plot_tolerance"),
    "yields": ("tolerance", "plot_yield"),
    "inversion": ("inversion", "plot_inversion"),
}
_PARTS = {"layout": "layout", "soil": "stack"}  # kinds that draw a part of a solution's problem
# kinds of one result: its class, and where one comes from
_OF: dict[str, tuple[str, str]] = {
    "layout": ("Layout", "la.load_geometry(...)"),
    "soil": ("Stack", "la.load_soil(...)"),
    "measurement": ("Measurement", "la.load_measurement(...)"),
    "comparison": ("Comparison", "the result of la.compare"),
    "fsv": ("Pair", "the result of la.compare"),
    "noise": ("NoiseBudget", "the result of la.noise_budget"),
    "antenna_temperature": ("AntennaTemperature", "the result of la.antenna_temperature"),
    "bound": ("Bound", "the result of la.bound"),
    "tolerance": ("ToleranceReport", "the result of la.tolerance"),
    "yields": ("ToleranceReport", "the result of la.tolerance"),
    "inversion": ("Inversion", "the result of la.invert"),
}
OF_A_SOLUTION = tuple(list(KINDS)[:12])  # up to "soil"


class Plots:
    """Figures by name: ``la.plot.s11([a, b], z0=200)``, ``la.plot.pattern(a, quantity="gain")``.

    Each takes a result, or a list where several can stand in one figure, and returns a matplotlib
    Figure, which a notebook shows and ``figure.savefig("a.png")`` writes.  ``help(la.plot.s11)``
    tells the options of one.
    """

    def __getattr__(self, kind: str) -> Callable[..., Figure]:
        if kind not in KINDS:
            near = did_you_mean(kind, tuple(KINDS))
            raise AttributeError(f"la.plot has no {kind!r}; {near}it has {', '.join(KINDS)}")
        return _function(kind)

    def __dir__(self) -> list[str]:
        return list(KINDS)

    def __repr__(self) -> str:
        return f"<la.plot: {', '.join(KINDS)}>"


plot = Plots()


def draw(kind: str, solution: Any, **options: Any) -> Figure:
    """The figure ``kind`` of a solution; layout and soil are those of its problem."""
    if not isinstance(kind, str) or kind not in OF_A_SOLUTION:
        near = did_you_mean(kind, OF_A_SOLUTION)
        raise InputError(
            f"kind = {shown(kind)} is no figure of a solution; {near}allowed: "
            f"{', '.join(OF_A_SOLUTION)}"
        )
    thing = getattr(solution.problem, _PARTS[kind]) if kind in _PARTS else solution
    return _function(kind)(thing, **options)


def _function(kind: str) -> Callable[..., Figure]:
    module, name = KINDS[kind]
    found: Callable[..., Figure] = getattr(importlib.import_module(f".{module}", __package__), name)
    signature = inspect.signature(found)
    names = tuple(signature.parameters)
    options = names[1:]  # after the thing that is drawn

    @functools.wraps(found)
    def checked(*things: Any, **given: Any) -> Figure:
        for option in given:
            if option not in names:
                near = did_you_mean(option, options)
                raise InputError(
                    f"figure {kind} has no option {option!r}; {near}it has {', '.join(options)}"
                )
        try:
            bound = signature.bind(*things, **given)
        except TypeError as error:  # nothing to draw, or more than there are places for
            raise InputError(
                f"figure {kind}: {one_line(error)}; write la.plot.{kind}{signature}"
            ) from None
        if kind in _OF:
            bound.arguments[names[0]] = _thing(kind, bound.arguments[names[0]])
        return found(*bound.args, **bound.kwargs)

    return checked


def _thing(kind: str, given: Any) -> Any:
    """What ``kind`` draws of ``given``; :class:`InputError` for what it cannot draw."""
    wanted, source = _OF[kind]
    if kind in _PARTS:
        problem = getattr(given, "problem", given)
        given = getattr(problem, _PARTS[kind], given)
    if wanted == "Pair":
        given = getattr(given, "first", given)
    if wanted in (item.__name__ for item in type(given).__mro__):
        return given
    also = " or a Solution" if kind in _PARTS else ""
    name = {"soil": "stack", "fsv": "comparison"}.get(kind, kind)
    raise InputError(f"{name} is {type(given).__name__}; give {source}{also}")
