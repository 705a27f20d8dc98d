"""Solution: what a solver found; everything else is derived from it without solving again.

For a linear antenna the Hermitian part of the port impedance matrix splits into where the power
goes, Herm(Z) = R_sky + R_ground + R_metal + R_film, with power = 1/2 I^H R I for peak currents.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .circuit.bands import MATCHED, bands
from .circuit.resonance import resonances
from .circuit.waves import loads, ohms
from .common.checks import number
from .common.display import again, figure
from .common.facts import Pictured, Rows, Summary, megahertz
from .conventions import ComplexArray, FloatArray, JsonDict
from .errors import FileFormatError, InputError
from .problem import Problem
from .radiation import CurrentElements, far_field
from .solution_parts import CurrentMap as CurrentMap
from .solution_parts import CurrentShape as CurrentShape
from .solution_parts import Efficiency as Efficiency
from .solution_parts import FarField as FarField
from .solution_parts import Provenance as Provenance
from .solution_parts import Quality as Quality
from .solution_parts import directions
from .soundness import unsound
from .store import MATRICES, Record, read, unreadable, write

if TYPE_CHECKING:
    import skrf


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Solution(Pictured):
    """Frequency, Z, the four loss matrices and the radiating currents.

    frequency (n,) Hz; z and r_* (n, p, p) ohm; elements: moments per ampere at each port with
    the others open; shape: how to draw them.
    """

    problem: Problem
    frequency: FloatArray
    z: ComplexArray
    r_sky: ComplexArray
    r_ground: ComplexArray
    r_metal: ComplexArray
    r_film: ComplexArray
    elements: CurrentElements
    quality: Quality
    provenance: Provenance
    shape: CurrentShape | None = None

    def __repr__(self) -> str:
        band = f"{self.frequency[0] / 1e6:g}-{self.frequency[-1] / 1e6:g} MHz"
        return (
            f"<Solution {self.problem.layout.name} on {self.problem.stack.name}, {band}, "
            f"{self.frequency.size} frequencies, {self.n_ports} port(s), "
            f"solver {self.provenance.solver}>"
        )

    # -- power balance -------------------------------------------------------------------

    @property
    def n_ports(self) -> int:
        return int(self.z.shape[1])

    @staticmethod
    def closure(z: ComplexArray, *parts: ComplexArray) -> FloatArray:
        """max |sum of parts - Herm Z| / max Re Z_pp per frequency, shape (n,)."""
        hermitian = 0.5 * (z + np.conj(np.swapaxes(z, 1, 2)))
        error = np.abs(sum(parts) - hermitian).max(axis=(1, 2))
        scale = np.abs(np.real(np.diagonal(z, axis1=1, axis2=2))).max(axis=1)
        return np.asarray(error / scale)

    # -- circuit quantities ----------------------------------------------------------------

    def _port(self, port: int) -> int:
        if not isinstance(port, int) or not 1 <= port <= self.n_ports:
            raise InputError(f"port = {port!r}; this solution has ports 1 to {self.n_ports}")
        return port - 1

    def port_currents(
        self, port: int = 1, terminated: complex | FloatArray | None = None
    ) -> ComplexArray:
        """(n, p) A: 1 A at ``port``; the others open, or loaded with ``terminated`` ohm.

        One load or one per frequency, passive: another is an :class:`InputError`.
        """
        index = self._port(port)
        current = np.zeros((self.frequency.size, self.n_ports), dtype=complex)
        current[:, index] = 1.0
        others = [k for k in range(self.n_ports) if k != index]
        load = None if terminated is None else self._ohms("terminated", terminated, reactive=True)
        if load is not None and others:
            inner = self.z[:, others][:, :, others] + load[:, None, None] * np.eye(len(others))
            right = -self.z[:, others, index]
            current[:, others] = np.linalg.solve(inner, right[..., None])[..., 0]
        return current

    def input_impedance(
        self, port: int = 1, terminated: complex | FloatArray | None = None
    ) -> ComplexArray:
        """(n,) ohm at ``port``."""
        current = self.port_currents(port, terminated)
        return np.asarray(np.einsum("fq,fq->f", self.z[:, self._port(port)], current))

    def s11(
        self,
        z0: complex | FloatArray = 100.0,
        *,
        port: int = 1,
        terminated: complex | FloatArray | None = None,
    ) -> ComplexArray:
        """(n,) power-wave reflection (Z - z0*)/(Z + z0); z0 in ohm, Re z0 > 0."""
        load = self._reference(z0)
        z = self.input_impedance(port, terminated)
        return np.asarray((z - np.conj(load)) / (z + load))

    def _reference(self, z0: complex | FloatArray) -> ComplexArray:
        return self._ohms("z0", z0, reactive=False)

    def _ohms(self, name: str, given: complex | FloatArray, *, reactive: bool) -> ComplexArray:
        """(n,) ohm of a passive load; reactive: Re = 0 is allowed."""
        return loads(name, given, self.frequency.size, reactive=reactive)

    def efficiency(
        self,
        z0: complex | FloatArray = 100.0,
        *,
        port: int = 1,
        terminated: complex | FloatArray | None = None,
    ) -> Efficiency:
        """Shares of power when ``port`` is driven from a source of impedance ``z0``."""
        current = self.port_currents(port, terminated)
        z_in = self.input_impedance(port, terminated)

        def share(matrix: ComplexArray) -> FloatArray:
            power = np.einsum("fp,fpq,fq->f", current.conj(), matrix, current).real
            return np.asarray(power / z_in.real)

        coupled = np.zeros(self.frequency.shape)
        if terminated is not None:
            load = np.broadcast_to(np.asarray(terminated, complex), self.frequency.shape)
            others = np.delete(current, self._port(port), axis=1)
            coupled = load.real * (np.abs(others) ** 2).sum(axis=1) / z_in.real
        gamma = self.s11(z0, port=port, terminated=terminated)
        return Efficiency(
            mismatch=1.0 - np.abs(gamma) ** 2,
            sky=share(self.r_sky),
            ground=share(self.r_ground),
            metal=share(self.r_metal),
            film=share(self.r_film),
            coupled=coupled,
        )

    def network(self, z0: complex = 100.0) -> skrf.Network:
        """scikit-rf Network of all ports, power waves, reference ``z0`` ohm."""
        import skrf

        self._reference(z0)
        frequency = skrf.Frequency.from_f(self.frequency, unit="Hz")
        s = skrf.network.z2s(self.z, z0, s_def="power")
        return skrf.Network(
            frequency=frequency, s=s, z0=z0, s_def="power", name=self.problem.layout.name
        )

    # -- fields --------------------------------------------------------------------------

    def frequency_index(self, frequency: float) -> int:
        """Index of a solved frequency (Hz), to 1 part in 1e6; refuses any other."""
        found = self._solved(frequency)
        if found is None:
            nearest = float(self.frequency[np.argmin(np.abs(self.frequency - frequency))])
            raise InputError(
                f"{frequency / 1e6:g} MHz was not solved (nearest {nearest / 1e6:g} MHz); put it "
                "into the band and solve again"
            )
        return found

    def _solved(self, frequency: float) -> int | None:
        """The same, or None where it was not solved."""
        frequency = number("frequency", frequency, low=0.0, low_open=True, unit="Hz")
        nearest = int(np.argmin(np.abs(self.frequency - frequency)))
        if abs(self.frequency[nearest] - frequency) > 1e-6 * self.frequency[nearest]:
            return None
        return nearest

    def far_field(
        self,
        frequency: float,
        theta: FloatArray | None = None,
        phi: FloatArray | None = None,
        *,
        port: int = 1,
        terminated: complex | None = None,
        degrees: bool = False,
    ) -> FarField:
        """The far field at ``frequency`` (Hz), evaluated at any ``theta``, ``phi`` (rad).

        A frequency of the band that was not solved is solved now, on the same mesh, and said in
        the log; solvers that take minutes refuse.
        Without angles: a grid of 2.5 degrees, theta to 90 degrees over soil, to 180 without.
        With 1-d angles of different lengths a grid (n_theta, n_phi); otherwise as broadcast.
        degrees: the angles given are in degrees.  |theta| may reach pi (pi/2 over soil), |phi|
        2 pi; what is beyond raises :class:`InputError`.
        """
        index = self._solved(frequency)
        if index is None:
            near: Solution = again(self, frequency)
            return near.far_field(
                frequency, theta, phi, port=port, terminated=terminated, degrees=degrees
            )
        theta, phi = directions(self.problem.stack.is_free_space, theta, phi, degrees)
        current = self.port_currents(port, terminated)[index]
        e_theta, e_phi = self.fields(index, current[None], theta, phi)
        sky = float(np.real(current.conj() @ self.r_sky[index] @ current))
        z_in = complex(self.z[index, self._port(port)] @ current)
        theta, phi = np.broadcast_arrays(theta, phi)
        return FarField(
            float(self.frequency[index]),
            theta,
            phi,
            e_theta[0],
            e_phi[0],
            sky,
            z_in.real,
        )

    def fields(
        self, index: int, current: ComplexArray | None, theta: FloatArray, phi: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """(E_theta, E_phi), V, each (m, *theta.shape), of port currents (m, p) A.

        index: number of a solved frequency.  current: None for 1 A at each port in turn.
        theta, phi: rad, broadcast; 0 below the horizon of a soil.
        """
        found = far_field(
            self.elements,
            index,
            float(self.frequency[index]),
            self.problem.stratification,
            theta,
            phi,
        )
        if current is None:
            return found
        e_theta, e_phi = (np.tensordot(current, part, axes=1) for part in found)
        return e_theta, e_phi

    def currents(self, frequency: float, *, port: int = 1) -> CurrentMap:
        """Current density at ``frequency`` (Hz), 1 A at ``port``, the others open.

        Of any frequency of the band, as :meth:`far_field`.
        """
        index = self._solved(frequency)
        if index is None:
            near: Solution = again(self, frequency)
            return near.currents(frequency, port=port)
        if self.shape is None:
            raise InputError("this solution holds no drawable current; use far_field instead")
        if self.shape.density is not None and self.shape.position is not None:
            return CurrentMap(
                float(self.frequency[index]),
                self.shape.position,
                np.asarray(self.shape.density[index, self._port(port)], dtype=complex),
                self.shape.vertices,
                self.shape.triangles,
                self.shape.segments,
            )
        moments = self.elements.electric[index, self._port(port)]
        per = self.shape.per_element
        grouped = moments.reshape(-1, per, 3).sum(axis=1)
        position = self.elements.position.reshape(-1, per, 3).mean(axis=1)
        return CurrentMap(
            float(self.frequency[index]),
            position,
            grouped / self.shape.weight[:, None],
            self.shape.vertices,
            self.shape.triangles,
            self.shape.segments,
        )

    # -- files and display ---------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the versioned HDF5 file (temporary file, then rename); :func:`load` reads it."""
        write(
            path,
            Record(
                problem=self.problem.to_dict(),
                provenance=asdict(self.provenance),
                frequency=self.frequency,
                matrices={name: getattr(self, name) for name in MATRICES},
                elements=_given(self.elements),
                shape=None if self.shape is None else _given(self.shape),
                converged=self.quality.converged,
                quality=_given(
                    self.quality, "power_closure", "z_error", "r_error", "efficiency_error"
                ),
                details=self.quality.details,
            ),
        )

    def with_quality(self, **changes: Any) -> Solution:
        """The same solution with changed quality fields."""
        return replace(self, quality=replace(self.quality, **changes))

    def facts(self) -> Rows:
        return self.summary().rows

    def summary(self, z0: complex = 100.0, port: int = 1) -> Summary:
        """A few lines: what was solved, resonances, matched bands, efficiency, quality.

        Edges are linear between solved frequencies; ``lunar-antenna solve`` fits between them.
        """
        problem, made = self.problem, self.provenance
        z = self.input_impedance(port)
        found = [
            f"{item.frequency / 1e6:.2f} MHz {'series' if item.rising else 'parallel'}"
            for item in resonances(self.frequency, z)
        ]
        shares = self.efficiency(z0, port=port)
        matched = bands(self.frequency, shares.mismatch, MATCHED)
        spans = [f"{low / 1e6:.2f}-{high / 1e6:.2f} MHz" for low, high in matched]
        best = int(np.argmax(shares.realised))
        error = self.quality.z_error
        at = "" if problem.stack.is_free_space else f", height {problem.height:g} m"
        rows = [
            ("frequencies", megahertz(self.frequency)),
            ("solver", f"{made.solver}, accuracy {made.accuracy}, {made.unknowns} unknowns"),
            ("resonances", ", ".join(found) or "none in the band"),
            (f"|S11| <= -10 dB, {ohms(z0)}", ", ".join(spans) or "nowhere"),
            (
                "largest realised efficiency",
                f"{shares.realised[best]:.3g} at {self.frequency[best] / 1e6:.4g} MHz",
            ),
            ("power closure, worst", self.quality.worst_closure),
            ("z_error", "not given" if error is None else f"<= {float(np.max(error)):.2g}"),
            ("converged", "yes" if self.quality.converged else "NO"),
        ]
        return Summary(f"{problem.layout.name} on {problem.stack.name}{at}, port {port}", rows)

    def plot(self, kind: str = "overview", **options: Any) -> Any:
        """A figure of the solution, which a notebook shows: ``solution.plot("s11", z0=200)``.

        kind: overview, s11, smith, impedance, efficiency, pattern, pattern_3d, pattern_measures,
        current, balance, layout, soil; options: of the function of that name in ``la.plot``, which
        also draws several solutions at once.
        """
        return figure(kind, self, **options)

    def document(self, z0: complex = 100.0) -> JsonDict:
        """The JSON document of ``lunar-antenna solve --json``: z, s11, efficiency of port 1, then
        of all ports, the others open; z_matrix (n x p x p of [re, im], ohm)."""
        ports = [self._port_document(port, z0) for port in range(1, self.n_ports + 1)]
        return {
            "solver": self.provenance.solver,
            "frequency": self.frequency.tolist(),
            "z": ports[0]["z"],
            "s11": ports[0]["s11"],
            "z0": z0 if isinstance(z0, (int, float)) else _pair(complex(z0)),
            "efficiency": ports[0]["efficiency"],
            "ports": ports,
            "z_matrix": [[[_pair(v) for v in row] for row in z] for z in self.z.tolist()],
            "quality": {
                "power_closure": self.quality.power_closure.tolist(),
                "converged": self.quality.converged,
                **{k: None if v is None else v.tolist() for k, v in self.quality.errors.items()},
            },
            "unknowns": self.provenance.unknowns,
            "wall_seconds": self.provenance.wall_seconds,
        }

    def _port_document(self, port: int, z0: complex) -> JsonDict:
        return {
            "name": self.problem.layout.ports[port - 1].name,
            "z": [_pair(v) for v in self.input_impedance(port).tolist()],
            "s11": [_pair(v) for v in self.s11(z0, port=port).tolist()],
            "efficiency": self.efficiency(z0, port=port).to_dict(),
        }


def _pair(value: complex) -> list[float]:
    """A complex number for JSON."""
    return [value.real, value.imag]


def _given(part: Any, *names: str) -> dict[str, Any]:
    """Fields of a dataclass that are not None: those of ``names``, or all."""
    wanted = names or tuple(field.name for field in fields(part))
    return {name: getattr(part, name) for name in wanted if getattr(part, name) is not None}


def load(path: str | os.PathLike[str]) -> Solution:
    """The Solution that :meth:`Solution.save` wrote.

    Raises :class:`FileFormatError` where the file does not hold one.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(f"solution file is {type(path).__name__}; give the path of an .h5 file")
    record = read(path)
    try:
        made = Solution(
            problem=Problem.from_dict(record.problem),
            frequency=record.frequency,
            **record.matrices,
            elements=CurrentElements(**record.elements),
            quality=Quality(record.converged, **record.quality, details=record.details),
            provenance=Provenance.from_dict(record.provenance),
            shape=None if record.shape is None else CurrentShape(**record.shape),
        )
        if made.problem.digest != made.provenance.problem_digest:
            raise ValueError("/problem holds what no problem has")
    except InputError as error:
        raise FileFormatError(f"{path} holds an invalid problem: {error}") from error
    except Exception as error:  # a problem that another program changed may be anything
        raise unreadable(path, error) from error
    wrong = unsound(
        made.frequency,
        made.problem.frequency,
        record.matrices,
        made.quality.power_closure,
        made.quality.converged,
        Solution.closure,
    )
    if wrong is not None:
        raise FileFormatError(f"{path} holds no sound solution: {wrong}; solve again with --out")
    return made
