"""ArraySolution: what an array's solver found; every termination and beam follows without solving.

Z and the four loss matrices of all ports are those of a :class:`~lunar_antenna.solution.Solution`:
power = 1/2 I^H R I for peak port currents I, Herm(Z) = R_sky + R_ground + R_metal + R_film.  The
field is kept as amplitudes of a few functions on each element, per ampere at each port with all
others open, and moments of these functions on nodes over one element of its type: the field of any
port is evaluated in any direction, never interpolated,

    E(r) = sum_e exp(j k r_e . r) sum_n a_en E_n(r turned back by the rotation of e).

What is read from a file is read when it is asked for, and no more than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from .array_store import MATRICES as MATRICES
from .array_store import ArrayRecord, read, write
from .common.checks import kind, number
from .common.display import picture
from .conventions import ComplexArray, FloatArray, JsonDict, wavenumber
from .errors import InputError
from .radiation import CurrentElements, far_field
from .solution_parts import FarField, directions

if TYPE_CHECKING:
    import os

BOLTZMANN = 1.380649e-23  # J/K, exact (SI)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArraySolution(ArrayRecord):
    """What was found at each frequency of an array; its fields are those of the record."""

    def __repr__(self) -> str:
        low, high = self.frequency[0] / 1e6, self.frequency[-1] / 1e6
        return (
            f"<ArraySolution {self.array.name}: {self.array.n_elements} elements, {self.n_ports} "
            f"ports on {self.array.stack.name}, {low:g}-{high:g} MHz, {self.frequency.size} "
            "frequencies>"
        )

    @property
    def frequency(self) -> FloatArray:
        return self.array.frequency

    @property
    def n_ports(self) -> int:
        return self.array.n_ports

    @property
    def port_names(self) -> tuple[str, ...]:
        return self.array.port_names

    def matrix(self, name: str, index: int) -> ComplexArray:
        """(p, p) of :data:`MATRICES` at frequency number ``index``, ohm."""
        return np.asarray(self.parts[index][name][()])

    def _all(self, name: str) -> ComplexArray:
        return np.stack([self.matrix(name, k) for k in range(self.frequency.size)])

    @property
    def z(self) -> ComplexArray:
        """(n_freq, p, p) ohm; of a file, all of it is read."""
        return self._all("z")

    @property
    def r_sky(self) -> ComplexArray:
        return self._all("r_sky")

    @property
    def r_ground(self) -> ComplexArray:
        return self._all("r_ground")

    @property
    def r_metal(self) -> ComplexArray:
        return self._all("r_metal")

    @property
    def r_film(self) -> ComplexArray:
        return self._all("r_film")

    def index(self, frequency: float | None) -> int:
        """Number of a solved ``frequency`` (Hz), to 1 part in 1e6; None: the only one there is."""
        if frequency is None:
            if self.frequency.size > 1:
                raise InputError(
                    f"{self.frequency.size} frequencies are solved; give frequency, for example "
                    f"{self.frequency[0]:g} Hz"
                )
            return 0
        nearest = int(np.argmin(np.abs(self.frequency - frequency)))
        if abs(self.frequency[nearest] - frequency) > 1e-6 * self.frequency[nearest]:
            raise InputError(
                f"{frequency / 1e6:g} MHz was not solved (nearest "
                f"{self.frequency[nearest] / 1e6:g} MHz); put it into the band and solve again"
            )
        return nearest

    def port(self, port: int | str) -> int:
        """Index of a port by number from 1 on, or by name ("3.2")."""
        if isinstance(port, str) and port in self.port_names:
            return self.port_names.index(port)
        if isinstance(port, bool) or not isinstance(port, (int, np.integer)):
            raise InputError(
                f"port = {port!r}; give a number from 1 to {self.n_ports} or a name such as "
                f"{self.port_names[0]!r}"
            )
        if not 1 <= port <= self.n_ports:
            raise InputError(f"port = {port}; this array has ports 1 to {self.n_ports}")
        return int(port) - 1

    # -- terminations ------------------------------------------------------------------------

    def loaded(self, index: int, load: Any) -> ComplexArray:
        """(p, p) currents I in the ports for 1 V behind ``load`` (ohm, one or (p,)) at each."""
        z = self.matrix("z", index)
        return np.asarray(np.linalg.inv(z + np.diag(self._load(load))))

    def _load(self, load: Any) -> ComplexArray:
        value = np.asarray(load, dtype=complex)
        if value.shape not in ((), (self.n_ports,)):
            raise InputError(f"load has shape {value.shape}; give one, or {self.n_ports} ohm")
        if not np.isfinite(value).all() or np.any(value.real < 0.0):
            raise InputError("load is not finite, or its real part below 0 ohm")
        return np.broadcast_to(value, (self.n_ports,))

    def port_currents(
        self, index: int, port: int | str = 1, terminated: Any = None
    ) -> ComplexArray:
        """(p,) A: 1 A at ``port``; the others open, or loaded with ``terminated`` ohm."""
        own = self.port(port)
        current = np.zeros(self.n_ports, dtype=complex)
        current[own] = 1.0
        others = np.delete(np.arange(self.n_ports), own)
        if terminated is not None and others.size:
            z = self.matrix("z", index)
            inner = z[np.ix_(others, others)] + np.diag(self._load(terminated)[others])
            current[others] = -np.linalg.solve(inner, z[others, own])
        return current

    def s_matrix(self, index: int, z0: float = 100.0) -> ComplexArray:
        """(p, p) scattering matrix at a real reference ``z0`` (ohm)."""
        z0 = number("z0", z0, low=0.0, low_open=True, high=1e6, unit="ohm")
        z = self.matrix("z", index)
        one = z0 * np.eye(self.n_ports)
        return np.asarray(np.linalg.solve((z + one).T, (z - one).T).T)

    # -- fields ------------------------------------------------------------------------------

    def far_field(
        self,
        frequency: float,
        port: int | str = 1,
        theta: FloatArray | None = None,
        phi: FloatArray | None = None,
        *,
        terminated: Any = None,
        degrees: bool = False,
    ) -> FarField:
        """The embedded pattern of ``port``: 1 A there, the others open or ``terminated`` (ohm).

        Angles as of a Solution's; the phase origin is that of the positions.
        """
        index, own = self.index(frequency), self.port(port)
        current = self.port_currents(index, port, terminated)
        # what goes into the loads of the others is accepted here too
        accepted = float(np.real(self.matrix("z", index)[own] @ current))
        return self._beam(index, current, theta, phi, degrees, accepted)

    def station_beam(
        self,
        weights: Any,
        frequency: float | None = None,
        theta: FloatArray | None = None,
        phi: FloatArray | None = None,
        *,
        load: Any = None,
        degrees: bool = False,
    ) -> FarField:
        """The beam of the sum of ``weights`` (p,) times the voltages received at the ports.

        load: ohm, one or (p,), across which the voltages are taken; open without.  By reciprocity
        it is the field of the currents w, or Z_L (Z + Z_L)^-1 w behind loads.  weights per
        frequency: (n_freq, p).
        """
        index = self.index(frequency)
        current = self._weights(weights)[index]
        if load is not None:
            current = self.loaded(index, load) @ current * self._load(load)
        return self._beam(index, current, theta, phi, degrees)

    def _weights(self, weights: Any) -> ComplexArray:
        try:
            value = np.asarray(weights, dtype=complex)
        except (TypeError, ValueError):
            raise InputError(f"weights are not numbers; give ({self.n_ports},)") from None
        shape = (self.frequency.size, self.n_ports)
        if value.shape not in (shape, shape[1:]):
            raise InputError(f"weights have shape {value.shape}; give ({self.n_ports},) or {shape}")
        if not np.isfinite(value).all():
            raise InputError("weights are not finite; give finite numbers")
        return np.broadcast_to(value, shape)

    def _beam(
        self,
        index: int,
        current: ComplexArray,
        theta: FloatArray | None,
        phi: FloatArray | None,
        degrees: bool,
        resistance: float | None = None,
    ) -> FarField:
        """Of the port currents ``current``; gain over ``resistance`` (ohm of 1 A), without it over
        the power that all ports accept."""
        polar, azimuth = directions(self.array.stack.is_free_space, theta, phi, degrees)
        e_theta, e_phi = self.fields(index, current[None], polar, azimuth)
        r_sky = self.matrix("r_sky", index)
        if resistance is None:
            resistance = float(np.real(current.conj() @ self.matrix("z", index) @ current))
        return FarField(
            float(self.frequency[index]),
            polar,
            azimuth,
            e_theta[0],
            e_phi[0],
            float(np.real(current.conj() @ r_sky @ current)),
            resistance,
        )

    def amplitudes(self, index: int, current: ComplexArray | None = None) -> ComplexArray:
        """(m, n_function) of port currents (m, p); without, of 1 A at each port.

        Of a file only the ports that carry current are read.
        """
        stored = self.parts[index]["amplitude"]
        if current is None:
            return np.asarray(stored[()])
        used = np.flatnonzero(np.any(current != 0.0, axis=0))
        few = 4 * used.size < self.n_ports
        rows = np.stack([stored[int(k)] for k in used]) if few and used.size else stored[()][used]
        return np.asarray(current[:, used] @ rows)

    def fields(
        self, index: int, current: ComplexArray | None, theta: FloatArray, phi: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """(E_theta, E_phi), V, each (m, *theta.shape), of port currents (m, p) A.

        current: None for 1 A at each port in turn, all embedded patterns at once.
        """
        theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
        amplitude = self.amplitudes(index, current)
        frequency = float(self.frequency[index])
        k = float(wavenumber(np.array(frequency)))
        t, p = theta.ravel(), phi.ravel()
        across = k * np.sin(t)[:, None] * np.column_stack((np.cos(p), np.sin(p)))
        out = np.zeros((2, len(amplitude), t.size), dtype=complex)
        known: dict[tuple[str, float], ComplexArray] = {}
        start = 0
        for e, key in enumerate(self.array.types):
            count = self._count(index, key)
            mine = amplitude[:, start : start + count]
            start += count
            if not np.any(mine):
                continue
            turn = float(self.array.rotations[e])
            if (key, turn) not in known:
                if len(known) > 8:
                    known.clear()
                known[key, turn] = np.stack(self._element_fields(index, key, t, p - turn))
            phase = np.exp(1j * (across @ self.array.positions[e]))
            for axis in (0, 1):
                out[axis] += (mine @ known[key, turn][axis]) * phase
        shape = (2, len(amplitude), *theta.shape)
        result = out.reshape(shape)
        return result[0], result[1]

    def _count(self, index: int, key: str) -> int:
        return int(self.parts[index][f"moments/{key}"].shape[1])

    def _element_fields(
        self, index: int, key: str, theta: FloatArray, phi: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """(k, n_direction) fields of the functions of one element at the origin, not turned."""
        problem = self.array.problem(key)
        moments = np.asarray(self.parts[index][f"moments/{key}"][()], dtype=complex)
        electric = np.zeros((1, moments.shape[1], moments.shape[0], 3), dtype=complex)
        electric[0, :, :, :2] = np.swapaxes(moments, 0, 1)
        nodes = self.nodes[key]
        position = np.column_stack((nodes, np.full(len(nodes), problem.metal_height)))
        frequency = float(self.frequency[index])
        elements = CurrentElements(position, electric)
        return far_field(elements, 0, frequency, problem.stratification, theta, phi)

    def isolated_fields(
        self, index: int, element: int, theta: FloatArray, phi: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """(E_theta, E_phi), each (p_element, *theta.shape): the element alone at its place."""
        theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
        key, turn = self.array.types[element], float(self.array.rotations[element])
        k = float(wavenumber(self.frequency[index : index + 1])[0])
        t, p = theta.ravel(), phi.ravel()
        across = k * np.sin(t)[:, None] * np.column_stack((np.cos(p), np.sin(p)))
        phase = np.exp(1j * (across @ self.array.positions[element]))
        ports = sum(1 for owner, _ in self.array.ports if owner == element)
        found = [
            (item[:ports] * phase).reshape(ports, *theta.shape)
            for item in self._element_fields(index, key, t, p - turn)
        ]
        return found[0], found[1]

    # -- the station as a whole ----------------------------------------------------------------

    def scan_weights(self, theta: float, phi: float) -> ComplexArray:
        """(n_freq, p) excitations of equal size whose fields add up towards ``theta``, ``phi``."""
        direction = np.sin(theta) * np.array([np.cos(phi), np.sin(phi)])
        owner = np.array([element for element, _ in self.array.ports])
        path = self.array.positions[owner] @ direction
        return np.asarray(np.exp(-1j * wavenumber(self.frequency)[:, None] * path))

    def active_reflection(
        self,
        weights: Any = None,
        *,
        scan: tuple[float, float] | None = None,
        z0: float = 100.0,
        ports: Sequence[int | str] | None = None,
    ) -> ComplexArray:
        """(n_freq, p) reflection b_p/a_p at every port, all driven at once from ``z0`` ohm.

        weights: (p,) or (n_freq, p) incident waves a; 1 without.  scan: (theta, phi) rad that the
        beam points to; the phases multiply ``weights``.  ports: those that are driven, by number
        or name; all without.  A port that is not driven is matched and shows nan.
        """
        wave = np.ones((self.frequency.size, self.n_ports), dtype=complex)
        if weights is not None:
            wave = wave * self._weights(weights)
        if scan is not None:
            if len(scan) != 2:
                raise InputError(f"scan = {scan!r}; give (theta, phi) in rad")
            theta = number("scan theta", scan[0], low=0.0, high=np.pi / 2, unit="rad")
            phi = number("scan phi", scan[1], low=-2 * np.pi, high=2 * np.pi, unit="rad")
            wave = wave * self.scan_weights(theta, phi)
        if ports is not None:
            driven = np.zeros(self.n_ports, dtype=bool)
            driven[[self.port(item) for item in ports]] = True
            wave = np.where(driven, wave, 0.0)
        out = np.full(wave.shape, np.nan, dtype=complex)
        for index in range(self.frequency.size):
            back = self.s_matrix(index, z0) @ wave[index]
            live = wave[index] != 0.0
            out[index, live] = back[live] / wave[index, live]
        return out

    def noise_covariance(
        self,
        sky: Any,
        ground: float = 255.0,
        antenna: float | None = None,
        *,
        load: Any = None,
        voltage_noise: float = 0.0,
        current_noise: float = 0.0,
    ) -> ComplexArray:
        """(n_freq, p, p) covariance of the voltages at the ports, V^2/Hz.

        Nyquist's theorem on every loss matrix: 4 k (T_sky R_sky + T_ground R_ground + T_antenna
        (R_metal + R_film)).  sky: K, one or (n_freq,), uniform.  ground, antenna: K; the antenna
        is as warm as the ground without.  load: ohm, one or (p,), across which voltages are taken,
        itself cold; open without.  voltage_noise (V/sqrt(Hz)) and current_noise (A/sqrt(Hz)): of
        the receiver at each port, not correlated.
        """
        warm = number("ground", ground, low=0.0, high=1e6, unit="K")
        hot = warm if antenna is None else number("antenna", antenna, low=0.0, high=1e6, unit="K")
        bright = np.broadcast_to(np.asarray(sky, dtype=float), self.frequency.shape)
        if not np.isfinite(bright).all() or np.any(bright < 0.0):
            raise InputError("sky is not finite, or below 0 K")
        e_n = number("voltage_noise", voltage_noise, low=0.0, high=1.0, unit="V/sqrt(Hz)")
        i_n = number("current_noise", current_noise, low=0.0, high=1.0, unit="A/sqrt(Hz)")
        out = np.empty((self.frequency.size, self.n_ports, self.n_ports), dtype=complex)
        one = np.eye(self.n_ports)
        for index in range(self.frequency.size):
            emitted = bright[index] * self.matrix("r_sky", index)
            emitted = emitted + warm * self.matrix("r_ground", index)
            emitted += hot * (self.matrix("r_metal", index) + self.matrix("r_film", index))
            # <V V^H>: V_m = sum of what waves induce, so that R stands conjugated
            open_circuit = 4.0 * BOLTZMANN * emitted.conj()
            passed: ComplexArray = one.astype(complex)
            parallel = self.matrix("z", index)
            if load is not None:
                passed = self._load(load)[:, None] * self.loaded(index, load)
                parallel = passed @ self.matrix("z", index)
            total = passed @ open_circuit @ passed.conj().T
            total = total + i_n**2 * (parallel @ parallel.conj().T) + e_n**2 * one
            out[index] = 0.5 * (total + total.conj().T)
        return out

    # -- files and display -----------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the HDF5 file (temporary file, then rename)."""
        write(path, self)

    def summary(self, z0: float = 100.0) -> JsonDict:
        """The JSON document of ``lunar-antenna array --json``."""
        coupling, active = [], self.active_reflection(z0=z0)
        for index in range(self.frequency.size):
            s = np.abs(self.s_matrix(index, z0))
            np.fill_diagonal(s, 0.0)
            coupling.append(float(s.max()))
        details = {name: np.asarray(value).tolist() for name, value in self.quality.details.items()}
        error = self.quality.z_error
        return {
            "name": self.array.name,
            "elements": self.array.n_elements,
            "ports": list(self.port_names),
            "frequency": self.frequency.tolist(),
            "z0": z0,
            "largest_coupling": coupling,
            "worst_active_reflection": np.nanmax(np.abs(active), axis=1).tolist(),
            "quality": {
                "converged": self.quality.converged,
                "power_closure": self.quality.power_closure.tolist(),
                "z_error": None if error is None else error.tolist(),
                **details,
            },
            "unknowns": self.provenance.unknowns,
            "wall_seconds": self.provenance.wall_seconds,
        }

    def _repr_png_(self) -> bytes:
        return picture(self)


def load_array_solution(
    path: str | os.PathLike[str], *, check: bool | None = None
) -> ArraySolution:
    """The ArraySolution that :meth:`ArraySolution.save` wrote; its arrays stay in the file.

    check: read the whole file for its seal before anything; None: where it has up to 256 MB.

    Raises :class:`FileFormatError` where the file is none or is damaged.
    """
    kind("file of an array", path, (str, PathLike), "the path of an .h5 file")
    found = read(path, check=check)
    return ArraySolution(found.array, found.parts, found.nodes, found.quality, found.provenance)
