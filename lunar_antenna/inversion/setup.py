"""What an inversion holds fixed: antenna, sweep, priors, errors and the solver's frequencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..circuit.waves import impedance, reflection
from ..common import chebyshev
from ..common.checks import number
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError
from .emulator import Emulator
from .errors import ErrorModel
from .forward import Forward, check, check_accuracy
from .model import SweepModel, apply_exact
from .prior import PARAMETERS, Prior, parse_free, ranges
from .settings import InversionSettings

if TYPE_CHECKING:
    from ..problem import Problem

FREQUENCY_TOLERANCE = 0.1  # norm of a whitened sweep
NODE_COUNTS = (25, 37, 49, 65, 97, 129, 193)  # Chebyshev points in frequency
# Held-out error of the emulated reflection, of the error of one point where |Gamma| is HALF: over
# some hundred points below the norm that the local polynomials are made to.
EMULATED, HALF = 0.05, 0.5
ROUGH_NODES, ROUGH_MESH = 25, 1.7  # frequencies and coarsening of the mesh while searching


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """What is held fixed while parameters vary.

    measured (n,) at frequency (n,), reference z0.  ranges: all free parameters.  fixed: values of
    parameters that are not free.  spread (n, m): from the solver's frequencies to the measured.
    offset (n,): what is added to the reflection, the estimated error of the mesh.
    """

    forward: Forward
    frequency: FloatArray
    measured: ComplexArray
    z0: complex
    ranges: tuple[Prior, ...]
    fixed: Mapping[str, float]
    errors: ErrorModel
    spread: FloatArray
    offset: ComplexArray | float = 0.0

    @property
    def z_ref(self) -> float:
        """ohm, reference of the emulated reflection: the measurement's, so errors compare."""
        return float(complex(self.z0).real)

    @property
    def solved(self) -> tuple[Prior, ...]:
        """Ranges of the parameters that need the solver."""
        return tuple(item for item in self.ranges if item.solved)

    def rough(self) -> Setup:
        """The same with a coarse mesh and few frequencies: enough to find the right minimum.

        Itself where an emulator stands for the solver.
        """
        if self.forward.emulator is not None:
            return self
        nodes, spread = self.forward.frequency, self.spread
        if nodes.size > ROUGH_NODES:
            nodes = chebyshev.points(self.frequency[0], self.frequency[-1], ROUGH_NODES, ends=True)
            spread = chebyshev.matrix(nodes, self.frequency, ends=True)
        forward = replace(self.forward, frequency=nodes, coarsening=ROUGH_MESH)
        return replace(self, forward=forward, spread=spread)

    def emulated(self, progress: Callable[[float, str], None] | None = None) -> Setup:
        """The same with an emulator of the solver where there can be one."""
        over = {item.name: (item.low, item.high) for item in self.solved}
        errors = self.errors
        size = np.hypot(errors.floor, HALF * min(errors.magnitude, errors.phase))
        tolerance = float(np.clip(EMULATED * size * np.sqrt(1.0 - errors.systematic), 1e-4, 1e-3))
        return replace(self, forward=self.forward.emulated(over, tolerance, progress))

    def point(self, box: tuple[Prior, ...], x: FloatArray) -> dict[str, float]:
        """Solver parameters at coordinates ``x`` (d,) of ``box``."""
        values = {r.name: float(r.value(x[k])) for k, r in enumerate(box)}
        return {**solver_values(self.fixed), **values}

    def solver_point(self, values: FloatArray) -> dict[str, float]:
        """Solver parameters of ``values`` (p,), all free parameters in their order."""
        named = {r.name: float(v) for r, v in zip(self.ranges, values, strict=True)}
        return solver_values({**self.fixed, **named})

    def model(self, box: tuple[Prior, ...], emulator: Emulator) -> SweepModel:
        """The sweep from an emulator at the solver's frequencies over ``box``."""
        return SweepModel(
            frequency=self.frequency,
            z0=self.z0,
            z_ref=self.z_ref,
            ranges=self.ranges,
            solved=box,
            emulator=emulator.mapped(self.spread),
            fixed=self.fixed,
            offset=self.offset,
        )

    def seen(self, z: ComplexArray, values: FloatArray) -> ComplexArray:
        """(n,) reflection of solved ``z`` (m,) with the exact parameters of ``values`` (p,)."""
        named = {r.name: float(v) for r, v in zip(self.ranges, values, strict=True)}
        all_values = {**self.fixed, **named}
        z = impedance(self.spread @ reflection(z, self.z_ref), self.z_ref)
        return apply_exact(
            z,
            self.frequency,
            self.z0,
            all_values.get("hub_capacitance", 0.0),
            all_values.get("delay", 0.0),
        )


def make_setup(
    problem: Problem, frequency: FloatArray, z0: complex, wanted: InversionSettings
) -> Setup:
    """Checked setup; ``measured`` is still empty.  Solves a few problems to choose frequencies.

    z0: ohm, reference of the sweep; that of ``wanted`` is not used.
    """
    names, errors = parse_free(wanted.free), wanted.errors
    known = _fixed(wanted.fixed, names)
    box = ranges(names, wanted.priors)
    check(problem.layout, problem.stack, wanted.layer, names, known)
    check_accuracy(wanted.accuracy)
    if 2 * frequency.size < len(names) + 2:
        raise InputError(
            f"{frequency.size} measured point(s) cannot tell {len(names)} parameters; "
            "free fewer or measure more"
        )
    solved = tuple(item for item in box if item.solved)
    forward = Forward(
        problem.layout,
        problem.stack,
        problem.height,
        wanted.layer,
        frequency,
        wanted.accuracy,
        densest={**solver_values(known), **_densest(solved)},
    )
    base = Setup(
        forward=forward,
        frequency=frequency,
        measured=np.zeros(frequency.size, dtype=complex),
        z0=z0,
        ranges=box,
        fixed=known,
        errors=errors,
        spread=np.eye(frequency.size),
    )
    corners = [base.point(solved, x) for x in _probes(solved)]
    whitening = errors.whitening(frequency, np.full(frequency.size, 0.5 + 0.0j))
    nodes, spread = frequency_nodes(forward, frequency, corners, base.z_ref, whitening.norm)
    return replace(base, forward=replace(forward, frequency=nodes), spread=spread)


def _fixed(given: Mapping[str, float], free: Sequence[str]) -> dict[str, float]:
    known = {}
    for name, value in given.items():
        if name not in PARAMETERS:
            raise InputError(
                f"fixed parameter {name!r} is not known; allowed: {', '.join(PARAMETERS)}"
            )
        if name in free:
            raise InputError(f"{name} is both free and fixed; drop one")
        item = PARAMETERS[name]
        known[name] = number(name, value, low=item.least, high=item.most, unit=item.unit)
    return known


def _densest(solved: Sequence[Prior]) -> dict[str, float]:
    """Parameters with the shortest wavelength on the metal: dense soil, film close to it."""
    return {item.name: item.low if item.name == "height" else item.high for item in solved}


def _probes(solved: Sequence[Prior]) -> list[FloatArray]:
    """Centre of the box, and its least damped corners: little loss, near the soil and far."""
    signs = {"loss_tangent": -1.0, "conductivity": -1.0, "eps_r": -1.0, "arm_error": 1.0}
    probes = [np.zeros(len(solved))]
    for height in (-1.0, 1.0):
        probes.append(np.array([signs.get(item.name, height) for item in solved]))
    return probes if solved else probes[:1]


def solver_values(values: Mapping[str, float]) -> dict[str, float]:
    """Those of ``values`` that a solver run depends on."""
    return {name: value for name, value in values.items() if PARAMETERS[name].solved}


def frequency_nodes(
    forward: Forward,
    frequency: FloatArray,
    points: Sequence[Mapping[str, float]],
    z_ref: float,
    norm: Callable[[ComplexArray], float],
    tolerance: float = FREQUENCY_TOLERANCE,
) -> tuple[FloatArray, FloatArray]:
    """(frequencies to solve, matrix to ``frequency``) for all parameter sets near ``points``.

    As few Chebyshev points as reproduce twice as many within ``tolerance`` at
    every one of ``points``; the measured frequencies themselves where that needs no fewer.
    """
    for count in NODE_COUNTS:
        if 2 * count - 1 >= frequency.size:
            break
        coarse = chebyshev.points(frequency[0], frequency[-1], count, ends=True)
        fine = chebyshev.points(frequency[0], frequency[-1], 2 * count - 1, ends=True)
        probe = replace(forward, frequency=fine, accuracy="draft")  # as wavy as on any mesh
        to_coarse = chebyshev.matrix(coarse, frequency, ends=True)
        to_fine = chebyshev.matrix(fine, frequency, ends=True)
        enough = True
        for values in points:
            gamma = reflection(probe.impedance(values), z_ref)
            enough = enough and norm(to_coarse @ gamma[::2] - to_fine @ gamma) < tolerance
            if not enough:
                break
        if enough:
            return coarse, to_coarse
    return frequency, np.eye(frequency.size)
