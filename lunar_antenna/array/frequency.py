"""What of an array does not depend on frequency, and its solution at one frequency."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..array_problem import Array
from ..common.blas import one_blas_thread
from ..conventions import ComplexArray, FloatArray, wavenumber
from ..solvers.planar.matrices import Radial, radial
from .blocks import blocks
from .coupling import couple
from .element import Element, Grid, Sources
from .macro import DISTANCES, NODES, Driven, Macro, places, train
from .pairs import Pairs, find_pairs
from .reduced import LOSSES, loss_matrix, solve_reduced
from .truncation import Looker, array_errors, kernel_error, stated

CUT = 1e-4  # of |Z|: singular values of the training that are left out
WAVES = 1e-8  # of exp(j k . r) on the nodes that the patterns are made of
LEAST_GAP = 0.01  # of the diameter: training comes no nearer
KEPT_BYTES = 1e9  # of trained elements that are kept for other layouts


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The solution at one frequency.

    matrices: "z" and "r_sky", "r_ground", "r_metal", "r_film", each (p, p) ohm per ampere at the
    ports.  amplitude (p, n_function): of every function, element by element, for 1 A at each port.
    moments: {type: (n_node, k, 2)} A m of the functions on the nodes of the type.  errors: by name.
    """

    matrices: Mapping[str, ComplexArray]
    amplitude: ComplexArray
    moments: Mapping[str, ComplexArray]
    errors: Mapping[str, float]
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """Elements by type at one frequency: themselves, their functions, and Z among these."""

    driven: Mapping[str, Driven]
    macros: Mapping[str, Macro]
    own: Mapping[str, ComplexArray]


class Model:
    """An array with the meshes and matrices of its kinds of elements, for any of its frequencies.

    A new layout of the same elements (:meth:`at`) keeps them.
    """

    def __init__(self, array: Array, accuracy: str, cut: float = CUT) -> None:
        self.array, self.accuracy, self.cut = array, accuracy, cut
        self.elements = {key: Element(key, array.problem(key), accuracy) for key in array.layouts}
        self.pairs: Pairs = find_pairs(array)
        self.reach, self.nearest = 0.0, math.inf
        self._trained: dict[tuple[int, float, float], Trained] = {}
        k_max = float(wavenumber(array.frequency).max())
        self.nodes: dict[str, Grid] = {
            key: item.wave_grid(k_max, WAVES) for key, item in self.elements.items()
        }

    def at(self, array: Array) -> Model:
        """The same elements as another ``array`` has them."""
        made = object.__new__(Model)
        made.__dict__.update(self.__dict__)
        made.array, made.pairs = array, find_pairs(array)
        return made

    def within(self, reach: float, nearest: float) -> Model:
        """The same for layouts ``reach`` m across whose metal is ``nearest`` m apart or more.

        Their kernels and functions are then those of this one.
        """
        made = object.__new__(Model)
        made.__dict__.update(self.__dict__)
        made.reach, made.nearest = reach, nearest
        return made

    @property
    def unknowns(self) -> int:
        return sum(self.elements[key].unknowns for key in self.array.types)

    @property
    def training_gap(self) -> float:
        """m between metal from which on neighbours train the functions."""
        diameter = max(item.diameter for item in self.elements.values())
        nearest = max(min(self.pairs.least, self.nearest), LEAST_GAP * diameter)
        # rounded down, so that arrays much alike share their functions
        steps = math.floor(2.0 * math.log2(min(nearest, 4.0 * diameter)))
        return float(2.0 ** (0.5 * steps))

    def span(self) -> float:
        """m, over which kernels are wanted: that of the array, and where training comes to."""
        x0, y0, x1, y1 = self.array.bounds
        own = max(self.reach, math.hypot(x1 - x0, y1 - y0))
        if self.array.n_elements == 1:
            return own
        radius = 2.0 * max(item.radius for item in self.elements.values())
        return max(own, max(DISTANCES) * (radius + self.training_gap) + radius)

    def trained(self, index: int, tables: Radial) -> Trained:
        """The elements at frequency number ``index``: the same for every layout of them."""
        key = (index, self.training_gap, self.cut)
        if key not in self._trained:
            driven = {name: Driven(item, index) for name, item in self.elements.items()}
            macros = self._train(driven, tables)
            own = {
                name: macro.functions.T @ (driven[name].z @ macro.functions)
                for name, macro in macros.items()
            }
            each = sum(32.0 * item.unknowns**2 for item in self.elements.values())
            while self._trained and (len(self._trained) + 1) * each > KEPT_BYTES:
                self._trained.pop(next(iter(self._trained)))
            self._trained[key] = Trained(driven, macros, own)
        return self._trained[key]

    @one_blas_thread
    def light(self, index: int) -> tuple[ComplexArray, ComplexArray, dict[str, ComplexArray]]:
        """Z (p, p), amplitudes (p, n_function) and moments at frequency number ``index``.

        As of :class:`Found`, without losses and errors: what a search asks for.
        """
        tables = self.tables(index)
        known = self.trained(index, tables)
        coupling, _, _ = couple(
            self.array, self.pairs, tables, self.elements, known.macros, known.own
        )
        z, amplitude, _ = solve_reduced(coupling, known.own)
        return z, np.ascontiguousarray(amplitude.T), self.moments(known.macros)

    def tables(self, index: int) -> Radial:
        """Kernels at frequency number ``index`` as far as :meth:`span`."""
        problem = self.array.problem(next(iter(self.array.layouts)))
        return radial(problem, float(self.array.frequency[index]), self.span())

    @one_blas_thread
    def solve(self, index: int) -> Found:
        """At frequency number ``index``."""
        started = time.process_time()
        array, tables = self.array, self.tables(index)
        known = self.trained(index, tables)
        driven, macros, own = known.driven, known.macros, known.own
        coupling, far_z, far_current = couple(array, self.pairs, tables, self.elements, macros, own)
        z, amplitude, residual = solve_reduced(coupling, own)
        whole_ground = {
            key: item.whole.matrix("ground", index) for key, item in self.elements.items()
        }
        matrices = {"z": z}
        for name in LOSSES:
            mine: dict[str, ComplexArray] = {}
            for key, macro in macros.items():
                if name == "sky":
                    source = coupling.waves[key]
                    mine[key] = _own_sky(tables, source)
                    continue
                whole = (
                    whole_ground[key]
                    if name == "ground"
                    else self.elements[key].whole.matrix(name, index)
                )
                mine[key] = macro.functions.conj().T @ (whole @ macro.functions)
            matrices[f"r_{name}"] = loss_matrix(coupling, name, mine, amplitude)
        basis = array_errors(Looker(coupling, driven, whole_ground, amplitude))
        moments = self.moments(macros)
        errors = {
            "residual": residual,
            "far_z": far_z,
            "far_current": far_current,
            "basis_z": float(basis[0]),
            "basis_pattern": float(basis[1]),
            "basis_loss": float(basis[2]),
            "kernel_z": max(kernel_error(tables, item) for item in driven.values()),
            "left_out": max(macro.left_out for macro in macros.values()),
            "functions": float(len(amplitude)),
        }
        return Found(
            matrices,
            np.ascontiguousarray(amplitude.T),
            moments,
            {**stated(errors), **errors},
            time.process_time() - started,
        )

    def _train(self, driven: Mapping[str, Driven], tables: Radial) -> dict[str, Macro]:
        if self.array.n_elements == 1:
            return {
                key: Macro(item.primary, item.element.ports, 0.0) for key, item in driven.items()
            }
        grids = {key: item.grid(NODES, by_part=True) for key, item in self.elements.items()}
        made = {}
        for key, item in driven.items():
            near = [
                (other, places(item.element, other.element, self.training_gap))
                for other in driven.values()
            ]
            made[key] = train(item, near, tables, grids, self.cut)
        return made

    def moments(self, macros: Mapping[str, Macro]) -> dict[str, ComplexArray]:
        """{type: (n_node, k, 2)} A m of the functions on the nodes of the type."""
        found = {}
        for key, macro in macros.items():
            sources = self.elements[key].on_grid(self.nodes[key], macro.functions)
            found[key] = np.asarray(np.stack((sources.x, sources.y), axis=2))
        return found


def _own_sky(tables: Radial, source: Sources) -> ComplexArray:
    return np.asarray(blocks(tables, "sky", source, source, np.zeros((1, 3)))[0])


def worst(errors: FloatArray) -> float:
    """Largest of those that are numbers; nan without any."""
    known = errors[np.isfinite(errors)]
    return float(known.max()) if known.size else math.nan
