"""A synthetic prototype: what an analyser would have recorded of a known antenna.

:func:`write_prototype` writes a sweep, its fixture and a .toml beside each, always the same bytes
for the same solution.  Nobody measured anything: the true parameters stand in the .toml, so that
tutorials and tests know the answer.  The shipped prototypes were made by
``measurements/prototypes.py``.

Chain from the antenna to the analyser: hub capacitance in parallel, balun (transformer with
magnetising and leakage inductance and a loss resistance), coaxial cable (loss growing with the
square root of frequency), one-port error terms that a calibration left over, noise.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.resampling import interpolate
from ..common.files import write_text
from ..conventions import SPEED_OF_LIGHT, ComplexArray, FloatArray, JsonDict
from ..errors import SolverError
from .record import Measurement

if TYPE_CHECKING:
    from ..solution import Solution

Z_ANALYSER = 50.0  # ohm
NAME = "prototype_synthetic"


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands between antenna and analyser; SI.  All values are assumed, none measured.

    turns: impedance ratio of the balun (antenna side over analyser side).
    magnetising, leakage: H, at the analyser side.  balun_loss: ohm in parallel there.
    cable_length: m; velocity: share of c; attenuation: dB/m at 10 MHz.
    directivity, match, tracking: residual one-port errors (linear, complex, smooth in f).
    noise: standard deviation of Re and Im of the recorded reflection.
    """

    hub_capacitance: float = 5e-12
    turns: float = 2.0
    magnetising: float = 40e-6
    leakage: float = 60e-9
    balun_loss: float = 2500.0
    cable_length: float = 10.0
    velocity: float = 0.66
    attenuation: float = 0.025
    directivity: float = 0.004
    match: float = 0.006
    tracking: float = 0.006
    noise: float = 0.0008
    seed: int = 20240809


def cascade(*parts: ComplexArray) -> ComplexArray:
    """Product of chain (ABCD) matrices, each (n, 2, 2), first one at the analyser."""
    total = parts[0]
    for part in parts[1:]:
        total = total @ part
    return np.asarray(total)


def _chain(a: Any, b: Any, c: Any, d: Any, n: int) -> ComplexArray:
    matrix = np.empty((n, 2, 2), dtype=complex)
    matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 0], matrix[:, 1, 1] = a, b, c, d
    return matrix


def fixture(frequency: FloatArray, truth: Truth) -> Measurement:
    """Cable and balun as a two-port, port 1 at the analyser, 50 ohm at both ports."""
    import skrf

    n, omega = frequency.size, 2.0 * np.pi * frequency
    loss = truth.attenuation * np.sqrt(frequency / 1e7) / 8.685889638  # Np/m
    gamma = loss + 1j * omega / (SPEED_OF_LIGHT * truth.velocity)
    angle = gamma * truth.cable_length
    cable = _chain(
        np.cosh(angle), Z_ANALYSER * np.sinh(angle), np.sinh(angle) / Z_ANALYSER, np.cosh(angle), n
    )
    shunt = 1.0 / truth.balun_loss + 1.0 / (1j * omega * truth.magnetising)
    parallel = _chain(1.0, 0.0, shunt, 1.0, n)
    series = _chain(1.0, 1j * omega * truth.leakage, 0.0, 1.0, n)
    turns = np.sqrt(truth.turns)
    ideal = _chain(1.0 / turns, 0.0, 0.0, turns, n)
    s = skrf.network.a2s(cascade(cable, parallel, series, ideal), Z_ANALYSER)
    return Measurement(frequency, s, Z_ANALYSER, "synthetic", name=f"{NAME}_fixture")


def record(
    solution: Solution, frequency: FloatArray, truth: Truth | None = None, name: str = NAME
) -> Measurement:
    """The recorded one-port reflection of ``solution`` at ``frequency`` (inside its band)."""
    from .corrections.deembed import embed, with_capacitance

    truth = Truth() if truth is None else truth
    s = interpolate(solution.frequency, solution.s11(Z_ANALYSER), frequency).values
    antenna = Measurement(frequency, s, Z_ANALYSER, "synthetic", name=name)
    clean = embed(with_capacitance(antenna, truth.hub_capacitance), fixture(frequency, truth)).s11()
    random = np.random.default_rng(truth.seed)
    span = (frequency - frequency[0]) / np.ptp(frequency)
    directivity, match, tracking = (
        size * np.exp(1j * (random.uniform(0.0, 2.0 * np.pi) + random.uniform(1.0, 3.0) * span))
        for size in (truth.directivity, truth.match, truth.tracking)
    )
    seen = directivity + (1.0 + tracking) * clean / (1.0 - match * clean)
    noise = random.normal(scale=truth.noise, size=(2, frequency.size))
    seen = seen + noise[0] + 1j * noise[1]
    return Measurement(frequency, seen[:, None, None], Z_ANALYSER, "synthetic", name=name)


def description(solution: Solution, truth: Truth, what: str) -> JsonDict:
    """The .toml beside a synthetic file."""
    problem = solution.problem
    day = datetime.date.fromisoformat(solution.provenance.created[:10]).isoformat()
    return {
        "kind": "synthetic",
        "what": what,
        "who": "lunar-antenna, measurements/prototypes.py",
        "when": day,
        "instrument": "none: computed",
        "reference_plane": "analyser end of the cable"
        if what.startswith("Reflection")
        else "port 1 analyser end of the cable, port 2 antenna side of the balun",
        "load": "none",
        "soil": problem.stack.name,
        "height": problem.height,
        "geometry": problem.layout.name,
        "truth": {
            "comment": "all values assumed; SI units",
            "geometry_parameters": dict(problem.layout.parameters),
            "solver": solution.provenance.solver,
            "solver_accuracy": solution.provenance.accuracy,
            "problem_digest": solution.provenance.problem_digest,
            **asdict(truth),
        },
    }


def write_prototype(
    solution: Solution,
    folder: Path,
    points: int = 301,
    name: str = NAME,
    with_fixture: bool = True,
) -> tuple[Path, ...]:
    """Write the .s1p, unless ``with_fixture`` is false the fixture's .s2p, and their .toml files.

    Returns the data files.  Raises :class:`SolverError` where the solution did not converge: a
    truth must be trustworthy.
    """
    import tomli_w

    if not solution.quality.converged:
        raise SolverError(
            f"the {solution.provenance.solver} solution of {solution.problem.layout.name} did not "
            "converge and cannot be a truth; use --accuracy fine or another --geometry"
        )
    truth = Truth()
    frequency = np.linspace(5e6, 35e6, points)
    sweep = record(solution, frequency, truth, name)
    text = "Reflection of a membrane dipole at the analyser end of cable and balun"
    written = [(folder / f"{name}.s1p", sweep, text)]
    if with_fixture:
        box = replace(fixture(np.linspace(4e6, 40e6, 145), truth), name=f"{name}_fixture")
        text = "Cable and balun of the synthetic prototype, free of noise"
        written.append((folder / f"{name}_fixture.s2p", box, text))
    for path, data, text in written:
        data.write(path)
        write_text(path.with_suffix(".toml"), tomli_w.dumps(description(solution, truth, text)))
    return tuple(path for path, _, _ in written)
