"""Layouts of the same elements one after the other, of which only what moved is coupled again.

Functions, kernels and grids are made once for every layout in which metal keeps its distance: the
functions are trained, and the grids of each class of pairs tested, with the nearest pairs that may
come.  A layout then takes all blocks of Z among the macro functions on these grids, and where one
element is moved only its own row of them is new,

    n - 1 of n (n - 1)/2 .

The secondary functions are eliminated anew, which is cheap as long as they are a few thousand.
Losses are not formed, and errors not looked at: what a search has found is solved once by
:func:`~lunar_antenna.array.run.solve_array`, which states them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..array_problem import Array
from ..array_solution import ArraySolution
from ..common.blas import one_blas_thread
from ..conventions import ComplexArray, FloatArray
from ..errors import GeometryError
from ..solution_parts import Quality
from ..solvers.protocol import provenance
from ..version import __version__
from .coupling import couple, nearest_possible
from .frequency import Model, Trained
from .reduced import Coupling


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class At:
    """One frequency.  whole (n_function, n_function): Z among all functions, element by element."""

    known: Trained
    coupling: Coupling
    whole: ComplexArray


class Moves:
    """A layout at all its frequencies: ``at`` and ``moved`` make others of the same elements."""

    def __init__(self, model: Model, at: Sequence[At]) -> None:
        self.model, self._at = model, tuple(at)

    @classmethod
    @one_blas_thread
    def begin(cls, array: Array, accuracy: str, reach: float, nearest: float, cut: float) -> Moves:
        """``array``, and others within ``reach`` m whose metal is ``nearest`` m apart or more."""
        model = Model(array, accuracy, cut)
        model = model.within(reach, min(nearest, model.pairs.least))
        tests = nearest_possible(model.elements, model.nearest)
        made = []
        for index in range(array.frequency.size):
            tables = model.tables(index)
            known = model.trained(index, tables)
            coupling, _, _ = couple(
                array, model.pairs, tables, model.elements, known.macros, known.own, tests
            )
            made.append(_all(known, coupling))
        return cls(model, made)

    @property
    def array(self) -> Array:
        return self.model.array

    def _model(self, array: Array) -> Model:
        model = self.model.at(array)
        least = model.pairs.least
        if least < model.nearest * (1.0 - 1e-9):
            raise GeometryError(
                f"metal of two elements is {least:.3g} m apart, nearer than the "
                f"{model.nearest:.3g} m that the functions were trained for"
            )
        return model

    @one_blas_thread
    def at(self, array: Array) -> Moves:
        """Another layout of the same elements.

        Raises :class:`GeometryError` where metal comes nearer than ``nearest``.
        """
        model = self._model(array)
        return Moves(model, [_all(item.known, _on(item.coupling, model)) for item in self._at])

    @one_blas_thread
    def moved(self, element: int, position: FloatArray, rotation: float | None = None) -> Moves:
        """The same with one element elsewhere.

        Raises :class:`GeometryError` where its metal meets another's or comes too near.
        """
        positions, rotations = self.array.positions.copy(), self.array.rotations.copy()
        positions[element] = position
        if rotation is not None:
            rotations[element] = rotation
        model = self._model(self.array.with_positions(positions, rotations))
        made = []
        for item in self._at:
            coupling, whole = _on(item.coupling, model), item.whole.copy()
            _put(whole, coupling, element, everyone=True)
            made.append(At(item.known, coupling, whole))
        return Moves(model, made)

    @one_blas_thread
    def solution(self) -> ArraySolution:
        """Z and the patterns of all ports; losses and errors are not in it."""
        parts = []
        for item in self._at:
            z, amplitude = _eliminated(item.whole, item.coupling.is_primary)
            parts.append((z, amplitude.T, self.model.moments(item.known.macros)))
        return _light_solution(self.model, parts)


def quick_solution(array: Array, accuracy: str, cut: float) -> ArraySolution:
    """The same of one layout by itself: for a search of what the elements are."""
    model = Model(array, accuracy, cut)
    return _light_solution(model, [model.light(k) for k in range(array.frequency.size)])


Light = tuple[ComplexArray, ComplexArray, dict[str, ComplexArray]]


def _light_solution(model: Model, found: Sequence[Light]) -> ArraySolution:
    array = model.array
    parts: list[dict[str, Any]] = [
        {"z": z, "amplitude": amplitude, **{f"moments/{k}": item for k, item in moments.items()}}
        for z, amplitude, moments in found
    ]
    origin = provenance(
        array.problem(next(iter(array.layouts))),
        solver="array",
        version=__version__,
        accuracy=model.accuracy,
        threads=1,
        wall_seconds=0.0,
        unknowns=model.unknowns,
    )
    return ArraySolution(
        array,
        parts,
        {key: grid.position for key, grid in model.nodes.items()},
        Quality(False, np.full(array.frequency.size, np.nan)),
        replace(origin, problem_digest=array.digest),
    )


def _on(coupling: Coupling, model: Model) -> Coupling:
    return replace(coupling, array=model.array, pairs=model.pairs)


def _all(known: Trained, coupling: Coupling) -> At:
    """All blocks of a layout."""
    offsets = coupling.offsets
    whole: ComplexArray = np.empty((offsets[-1],) * 2, dtype=complex)
    for i, key in enumerate(coupling.array.types):
        own = slice(offsets[i], offsets[i + 1])
        whole[own, own] = known.own[key]
        _put(whole, coupling, i, everyone=False)
    return At(known, coupling, whole)


def _put(whole: ComplexArray, coupling: Coupling, i: int, *, everyone: bool) -> None:
    """Write the blocks of element ``i`` with others, and their transposes."""
    offsets = coupling.offsets
    own = slice(offsets[i], offsets[i + 1])
    for others, made in coupling.row("z", i, complex, everyone=everyone):
        for j, block in zip(others.tolist(), made, strict=True):
            other = slice(offsets[j], offsets[j + 1])
            whole[own, other], whole[other, own] = block, block.T


def _eliminated(whole: ComplexArray, primary: Any) -> tuple[ComplexArray, ComplexArray]:
    """(p, p) Z and (n_function, p) amplitudes for 1 A at each port, the others open."""
    p = int(primary.sum())
    amplitude: ComplexArray = np.zeros((len(whole), p), dtype=complex)
    amplitude[primary] = np.eye(p)
    z = whole[np.ix_(primary, primary)]
    if p < len(whole):
        s_p = whole[np.ix_(~primary, primary)]
        found = -np.linalg.solve(whole[np.ix_(~primary, ~primary)], s_p)
        amplitude[~primary] = found
        z = z + s_p.T @ found
    return np.asarray(0.5 * (z + z.T)), amplitude
