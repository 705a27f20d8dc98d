"""A receiver as measured: input reflection, and noise parameters or noise waves.

Against an antenna of Z_A (reflection G_a) an input of Z_L (G_r) has, in V^2/Hz at its terminals,

    noise parameters  V^2 = 4 k |M|^2 (T_min Re Z_A + T0 R_n |1 - Z_A Y_opt|^2),  T0 = 290 K,
                      M = Z_L/(Z_A + Z_L):  F = F_min + R_n/G_s |Y_s - Y_opt|^2 of the IRE (Haus et
                      al., Proc. IRE 48, 69, 1960), written for any Z_A
    noise waves       V^2 = k T/Re(1/Z_L),  F = sqrt(1 - |G_r|^2)/(1 - G_a G_r),  a = arg(G_a F),
                      T = T_unc |G_a|^2 |F|^2 + (T_cos cos a + T_sin sin a) |G_a| |F| + T_0
                      (Meys, IEEE Trans. MTT 26, 34, 1978; Monsalve et al., ApJ 835, 49, 2017)

and drives a current of its own into whatever is connected to it:

    i^2 = 4 k (T0 R_n |Y_opt|^2 + T0 R_n |Y_L|^2 - 2 Re((T_min/2 - T0 R_n Y_opt) Y_L*))   or
    i^2 = k T_unc |Z_L + z0|^2/(z0 |Z_L|^2)

Between the rows of a file values are linear (of the reflection: its parts); outside there are none.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..common.checks import did_you_mean
from ..common.files import is_file, read_text
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import FileFormatError, InputError
from ..measurement.reading.load import load_measurement
from .brightness import BOLTZMANN
from .receiver_sources import Sources

T0 = 290.0  # K, of the noise figure (IEEE)
_UNITS = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}
_FREQUENCY = tuple(f"{word}_{unit}" for word in ("frequency", "freq", "f") for unit in _UNITS)
PARAMETERS = (
    "t_min | f_min_db",
    "gamma_opt_mag, gamma_opt_deg | gamma_opt_re, gamma_opt_im",
    "r_n",
)
WAVES = ("t_unc", "t_cos", "t_sin", "t_0")


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredReceiver:
    """Input reflection and noise on grids of their own; made by :func:`measured_receiver`.

    gamma: (m,) at frequency (m,) Hz against z0 (ohm).  noise_frequency: (k,) Hz.  Either t_min (k,)
    K, y_opt (k,) S, r_n (k,) ohm, or waves (k, 4) K, :data:`WAVES`.
    """

    frequency: FloatArray
    gamma: ComplexArray
    z0: float
    noise_frequency: FloatArray
    t_min: FloatArray | None = None
    y_opt: ComplexArray | None = None
    r_n: FloatArray | None = None
    waves: FloatArray | None = None
    name: str = "measured"
    temperature = T0

    def reflection(self, frequency: FloatArray) -> ComplexArray:
        """G_r against z0, shape of ``frequency``."""
        return _between(frequency, self.frequency, self.gamma, f"{self.name}: its reflection")

    def impedance(self, frequency: FloatArray) -> ComplexArray:
        """Z_L (ohm) at ``frequency`` (Hz), same shape."""
        gamma = self.reflection(np.asarray(frequency, dtype=float))
        return np.asarray(self.z0 * (1.0 + gamma) / (1.0 - gamma))

    def noise(self, frequency: FloatArray, antenna: ComplexArray) -> FloatArray:
        """The receiver's own V^2 (V^2/Hz) at its input, ``antenna`` (ohm) connected."""
        load = self.impedance(frequency)
        if self.waves is not None:
            unc, cos, sin, own = self._waves(frequency).T
            gamma, seen = self.reflection(frequency), (antenna - self.z0) / (antenna + self.z0)
            factor = seen * np.sqrt(1.0 - np.abs(gamma) ** 2) / (1.0 - seen * gamma)  # G_a F
            kelvin = unc * np.abs(factor) ** 2 + cos * factor.real + sin * factor.imag + own
            return np.asarray(BOLTZMANN * kelvin / (1.0 / load).real)
        t_min, y_opt, r_n = self._parameters(frequency)
        voltage = t_min * antenna.real + T0 * r_n * np.abs(1.0 - antenna * y_opt) ** 2
        return np.asarray(4.0 * BOLTZMANN * np.abs(load / (antenna + load)) ** 2 * voltage)

    def emitted(self, frequency: FloatArray) -> FloatArray:
        """i^2 (A^2/Hz) that it drives into a short circuit of its terminals."""
        load = self.impedance(frequency)
        if self.waves is not None:
            outward = self._waves(frequency)[:, 0] * np.abs(load + self.z0) ** 2
            return np.asarray(BOLTZMANN * outward / (self.z0 * np.abs(load) ** 2))
        t_min, y_opt, r_n = self._parameters(frequency)
        both = T0 * r_n * (np.abs(y_opt) ** 2 + np.abs(1.0 / load) ** 2)
        cross = 2.0 * ((0.5 * t_min - T0 * r_n * y_opt) / np.conj(load)).real
        return np.asarray(4.0 * BOLTZMANN * np.maximum(both - cross, 0.0))

    def sources(self, frequency: FloatArray) -> Sources:
        """The same noise as sources ahead of a noiseless input.

        Parameters: |e|^2 = 4 k T0 R_n, |i|^2 = |e|^2 |Y_opt|^2, <i e*> = 4 k (T_min/2 - T0 R_n
        Y_opt).  Waves n and w, outward and inward: e = s/2a ((1 + G_r) w - q n), i = s/(2 a z0)
        ((1 - G_r) w + q n), a = Z_L/(Z_L + z0), s^2 = k/Re(1/Z_L), q^2 = 1 - |G_r|^2.
        """
        load = self.impedance(frequency)
        if self.waves is None:
            t_min, y_opt, r_n = self._parameters(frequency)
            voltage = 4.0 * BOLTZMANN * T0 * r_n
            cross = 4.0 * BOLTZMANN * (0.5 * t_min - T0 * r_n * y_opt)
            return Sources(voltage, np.asarray(voltage * np.abs(y_opt) ** 2), np.asarray(cross))
        unc, cos, sin, own = self._waves(frequency).T
        gamma = self.reflection(frequency)
        both = np.sqrt(1.0 - np.abs(gamma) ** 2) * 0.5 * (cos - 1j * sin)  # q <n w*>
        out = (1.0 - np.abs(gamma) ** 2) * unc
        scale = BOLTZMANN / (1.0 / load).real / np.abs(2.0 * load / (load + self.z0)) ** 2
        plus, minus = 1.0 + gamma, 1.0 - gamma
        voltage = scale * (np.abs(plus) ** 2 * own + out - 2.0 * (np.conj(plus) * both).real)
        current = scale / self.z0**2
        current = current * (np.abs(minus) ** 2 * own + out + 2.0 * (np.conj(minus) * both).real)
        mixed = minus * np.conj(plus) * own - out + np.conj(plus) * both - minus * np.conj(both)
        return Sources(voltage, current, np.asarray(scale / self.z0 * mixed))

    def to_dict(self) -> JsonDict:
        kind = "noise parameters" if self.waves is None else "noise waves"
        return {"name": self.name, "z0": self.z0, "noise": kind}

    def _waves(self, frequency: FloatArray) -> FloatArray:
        assert self.waves is not None
        told = f"{self.name}: its noise"
        columns = [
            _between(frequency, self.noise_frequency, column, told).real for column in self.waves.T
        ]
        return np.stack(columns, axis=1)

    def _parameters(self, frequency: FloatArray) -> tuple[FloatArray, ComplexArray, FloatArray]:
        assert self.t_min is not None
        assert self.y_opt is not None
        assert self.r_n is not None
        told = f"{self.name}: its noise"
        t_min, y_opt, r_n = (
            _between(frequency, self.noise_frequency, values, told)
            for values in (self.t_min, self.y_opt, self.r_n)
        )
        return t_min.real, y_opt, r_n.real


def measured_receiver(
    reflection: str | os.PathLike[str],
    *,
    noise_parameters: str | os.PathLike[str] | None = None,
    noise_waves: str | os.PathLike[str] | None = None,
    z0: float | None = None,
    name: str | None = None,
) -> MeasuredReceiver:
    """From a Touchstone file of the input and a table (CSV) of its noise, one of two kinds.

    noise_parameters: columns frequency_mhz (or _hz, _khz, _ghz), t_min (K) or f_min_db,
    gamma_opt_mag and gamma_opt_deg (or gamma_opt_re, gamma_opt_im), r_n (ohm).  noise_waves:
    frequency_mhz, t_unc, t_cos, t_sin, t_0 (K).  z0: ohm, in place of the Touchstone file's; the
    noise file's reflections are against the same.  Raises :class:`InputError`, one line, also for
    what no receiver can be: |G_r| >= 1, T_min > 4 T0 R_n G_opt, |T_cos, T_sin|^2 > 4 T_unc T_0.
    """
    if (noise_parameters is None) == (noise_waves is None):
        raise InputError(
            f"receiver {reflection}: give one of noise_parameters and noise_waves, a CSV file"
        )
    sweep = load_measurement(reflection, z0)
    if complex(sweep.z0).imag != 0.0:
        raise InputError(f"{reflection}: reference {sweep.z0} ohm is complex; give z0")
    gamma, base = sweep.s11(), float(complex(sweep.z0).real)
    if np.abs(gamma).max() >= 1.0:
        worst = float(sweep.frequency[int(np.argmax(np.abs(gamma)))])
        raise FileFormatError(
            f"{reflection}: |S11| = {np.abs(gamma).max():.6g} at {worst / 1e6:g} MHz; an input "
            "takes power, so |S11| < 1: check z0 and calibration"
        )
    called = Path(reflection).stem if name is None else name
    if noise_waves is not None:
        table = _Columns(Path(noise_waves))
        waves = np.stack([table[column] for column in WAVES], axis=1)
        _check(
            table,
            (waves[:, 0] >= 0.0)
            & (waves[:, 3] >= 0.0)
            & (waves[:, 1] ** 2 + waves[:, 2] ** 2
               <= 4.0 * waves[:, 0] * waves[:, 3] * (1.0 + 1e-6) + 1e-9),
            "t_unc and t_0 are not below 0 and t_cos^2 + t_sin^2 <= 4 t_unc t_0",
        )  # fmt: skip
        return MeasuredReceiver(
            sweep.frequency, gamma, base, table.frequency, waves=waves, name=called
        )
    assert noise_parameters is not None
    table = _Columns(Path(noise_parameters))
    t_min, r_n = table.minimum(), table["r_n"]
    best = table.optimum()
    _check(table, np.abs(best) < 1.0, "|gamma_opt| < 1")
    y_opt = (1.0 - best) / (1.0 + best) / base
    _check(table, (r_n >= 0.0) & (t_min >= 0.0), "r_n and t_min are not below 0")
    limit = 4.0 * T0 * r_n * y_opt.real
    _check(table, t_min <= limit * (1.0 + 1e-6), "t_min <= 4 T0 r_n Re(y_opt), T0 = 290 K")
    return MeasuredReceiver(sweep.frequency, gamma, base, table.frequency, t_min, y_opt, r_n,
                            name=called)  # fmt: skip


_BEYOND = 1e30  # of any quantity; its square is far from what a double holds


class _Columns:
    """A CSV table by the names in its header; lines that begin with # are comments."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not is_file(path):
            raise InputError(f"noise file {path} does not exist; give a CSV file")
        lines = [line for line in read_text(path).splitlines() if line.strip()]
        rows = list(csv.reader(io.StringIO("\n".join(x for x in lines if x.lstrip()[0] != "#"))))
        if len(rows) < 2:
            raise FileFormatError(f"{path} holds no table; write a line of names and rows below it")
        self.names = [cell.strip().lower() for cell in rows[0]]
        try:
            values = np.array([[float(cell) for cell in row] for row in rows[1:]])
            if values.shape[1:] != (len(self.names),) or not np.all(np.abs(values) < _BEYOND):
                raise ValueError
        except ValueError:
            raise FileFormatError(
                f"{path}: not every row has {len(self.names)} finite numbers, as many as "
                "names; correct the table"
            ) from None
        self.values = values
        word = next((cell for cell in self.names if cell in _FREQUENCY), None)
        if word is None:
            raise FileFormatError(
                f"{path}: columns {', '.join(self.names)} without a frequency; name one "
                "frequency_mhz or frequency_hz"
            )
        self.frequency: FloatArray = self[word] * _UNITS[word.rpartition("_")[2]]
        if np.any(np.diff(self.frequency) <= 0.0) or self.frequency[0] < 0.0:
            raise FileFormatError(f"{path}: frequencies do not increase; sort them, drop repeats")

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self.names:
            raise FileFormatError(
                f"{self.path} lacks column {name}; {did_you_mean(name, self.names)}it has "
                f"{', '.join(self.names)}; noise parameters are {', '.join(PARAMETERS)}, noise "
                f"waves {', '.join(WAVES)}"
            )
        return np.asarray(self.values[:, self.names.index(name)])

    def minimum(self) -> FloatArray:
        """T_min, K."""
        if "f_min_db" in self and "t_min" not in self:
            return np.asarray(T0 * (10.0 ** (self["f_min_db"] / 10.0) - 1.0))
        return self["t_min"]

    def optimum(self) -> ComplexArray:
        """Gamma_opt."""
        if "gamma_opt_re" in self:
            return np.asarray(self["gamma_opt_re"] + 1j * self["gamma_opt_im"])
        angle = np.deg2rad(self["gamma_opt_deg"])
        return np.asarray(self["gamma_opt_mag"] * np.exp(1j * angle))


def _check(table: _Columns, good: npt.NDArray[np.bool_], rule: str) -> None:
    """Refuse the first row that breaks ``rule``."""
    bad = np.flatnonzero(~good)
    if bad.size:
        at = float(table.frequency[bad[0]])
        raise FileFormatError(
            f"{table.path}: the row at {at / 1e6:g} MHz is no receiver's: allowed is {rule}"
        )


def _between(
    frequency: FloatArray, known: FloatArray, values: FloatArray | ComplexArray, what: str
) -> ComplexArray:
    """``values`` (m,) at ``frequency``, linear; refused outside ``known``."""
    low, high = float(np.min(frequency)), float(np.max(frequency))
    if low < known[0] * (1.0 - 1e-9) or high > known[-1] * (1.0 + 1e-9):
        raise InputError(
            f"{what} is known from {known[0] / 1e6:g} to {known[-1] / 1e6:g} MHz and asked for "
            f"from {low / 1e6:g} to {high / 1e6:g} MHz; narrow the band or measure on"
        )
    real = np.interp(frequency, known, np.real(values))
    return np.asarray(real + 1j * np.interp(frequency, known, np.imag(values)))
