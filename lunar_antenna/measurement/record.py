"""Measurement: S-parameters as they came from an analyser, and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.touchstone import suffix, touchstone_text
from ..circuit.waves import impedance, ohms, plain, reference, renormalise
from ..common.display import picture
from ..common.files import write_text
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError, one_line

if TYPE_CHECKING:
    import os

    import skrf

KINDS = ("measured", "synthetic", "unknown")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was read, what was assumed and what was repaired.

    z0_file: what the file says (None: it says nothing).  z0_source: where the impedance in use
    comes from: "argument", "sidecar", "file", "ohms" (the data are impedances and need none) or
    "assumed".  header: comment lines.
    about: what the .toml beside the file says, one "key: value" each.
    repairs: oddities changed on reading.  warnings: oddities left as they are.
    """

    path: str
    format: str
    points: int
    start: float
    stop: float
    z0_file: complex | None
    z0_used: complex
    z0_source: str
    reference_plane: str = "not stated"
    instrument: str = "not stated"
    header: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def lines(self, *, folder: bool = True) -> tuple[str, ...]:
        """The report as text, one fact per line; folder: where the file lies as well."""
        told = "nothing" if self.z0_file is None else f"{ohms(self.z0_file)}"
        if self.z0_file is not None and self.z0_used == self.z0_file:
            source = "stated in the file"
        elif self.z0_source == "ohms":
            source = "chosen; the file holds impedances in ohm"
        else:
            source = f"{self.z0_source}; the file says {told}"
        return (
            f"file: {self.path if folder else Path(self.path).name} ({self.format})",
            f"instrument: {self.instrument}",
            f"points: {self.points}, {self.start / 1e6:g} to {self.stop / 1e6:g} MHz",
            f"reference: {ohms(self.z0_used)} ({source})",
            f"reference plane: {self.reference_plane}",
            *self.about,
            *(f"repaired: {text}" for text in self.repairs),
            *(f"warning: {text}" for text in self.warnings),
        )

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_dict(self) -> JsonDict:
        return {
            "path": self.path,
            "format": self.format,
            "instrument": self.instrument,
            "points": self.points,
            "frequency_range": [self.start, self.stop],
            "z0_file": None if self.z0_file is None else plain(self.z0_file),
            "z0_used": plain(self.z0_used),
            "z0_source": self.z0_source,
            "reference_plane": self.reference_plane,
            "header": list(self.header),
            "about": list(self.about),
            "repairs": list(self.repairs),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measurement:
    """S-parameters on a frequency grid.

    frequency: (n,) Hz, strictly increasing.  s: (n, p, p).  z0: ohm, the same at every port.
    kind: "measured", "synthetic" or "unknown" (no .toml beside the file says).
    metadata: what the .toml beside the file says (who, when, plane, load, soil, geometry).
    history: corrections applied after reading, in order.
    """

    frequency: FloatArray
    s: ComplexArray
    z0: complex
    kind: str = "unknown"
    report: ImportReport | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    name: str = "measurement"
    history: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        frequency = np.asarray(self.frequency, dtype=float)
        s = np.asarray(self.s, dtype=complex)
        if s.ndim == 1:
            s = s[:, None, None]
        if (
            frequency.ndim != 1
            or s.ndim != 3
            or s.shape[0] != frequency.size
            or frequency.size == 0
        ):
            raise InputError(
                f"measurement has {frequency.shape} frequencies and S of shape {s.shape}; "
                "give (n,) and (n, p, p)"
            )
        if s.shape[1] != s.shape[2] or not (np.isfinite(s).all() and np.isfinite(frequency).all()):
            raise InputError(f"S of shape {s.shape} is not square or not finite; clean the data")
        if np.any(np.diff(frequency) <= 0.0) or frequency[0] < 0.0:
            raise InputError("measurement frequencies do not increase; sort them, drop repeats")
        if self.kind not in KINDS:
            raise InputError(f"kind = {self.kind!r}; allowed: {', '.join(KINDS)}")
        z0 = reference(self.z0)
        set_ = object.__setattr__
        set_(self, "frequency", frequency)
        set_(self, "s", s)
        set_(self, "z0", z0.real if z0.imag == 0.0 else z0)

    def __repr__(self) -> str:
        low, high = self.frequency[0] / 1e6, self.frequency[-1] / 1e6
        return (
            f"<Measurement {self.name} ({self.kind}), {self.n_ports} port(s), "
            f"{low:g}-{high:g} MHz, {self.frequency.size} points, {ohms(self.z0)}>"
        )

    @property
    def n_ports(self) -> int:
        return int(self.s.shape[1])

    def _port(self, port: int) -> int:
        if not isinstance(port, int) or not 1 <= port <= self.n_ports:
            raise InputError(f"port = {port!r}; this measurement has ports 1 to {self.n_ports}")
        return port - 1

    def s11(self, z0: complex | None = None, *, port: int = 1) -> ComplexArray:
        """(n,) reflection at ``port``, all others ended in their reference; seen from ``z0``.

        ``z0`` None keeps the measurement's own reference impedance.
        """
        index = self._port(port)
        gamma = self.s[:, index, index]
        return gamma if z0 is None else renormalise(gamma, complex(self.z0), reference(z0))

    def impedance(self, port: int = 1) -> ComplexArray:
        """(n,) ohm at ``port``, all others ended in their reference."""
        return impedance(self.s11(port=port), complex(self.z0))

    def open_impedance(self, port: int = 1) -> ComplexArray:
        """(n,) ohm at ``port``, all others open."""
        if self.n_ports == 1:
            return self.impedance(port)
        index = self._port(port)
        return np.asarray(self.network().z[:, index, index])

    def network(self) -> skrf.Network:
        """The scikit-rf Network (power waves)."""
        import skrf

        return skrf.Network(
            frequency=skrf.Frequency.from_f(self.frequency, unit="Hz"),
            s=self.s,
            z0=self.z0,
            s_def="power",
            name=self.name,
        )

    def changed(self, step: str, **changes: Any) -> Measurement:
        """A copy with ``changes``, the correction ``step`` added to the history."""
        return replace(self, history=(*self.history, step), **changes)

    def cropped(self, low: float, high: float) -> Measurement:
        """The points within [low, high] Hz."""
        keep = (self.frequency >= low) & (self.frequency <= high)
        if not keep.any():
            raise InputError(
                f"no point of {self.name} lies in {low / 1e6:g} to {high / 1e6:g} MHz; it spans "
                f"{self.frequency[0] / 1e6:g} to {self.frequency[-1] / 1e6:g} MHz"
            )
        return replace(self, frequency=self.frequency[keep], s=self.s[keep])

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a Touchstone 1 file (Hz, S, RI) with the metadata as comments, atomically.

        The extension must be that of the number of ports.
        """
        target = Path(path)
        wanted = suffix(self.n_ports)
        if target.suffix.lower() != wanted:
            raise InputError(
                f"{target.name} is no name for {self.n_ports} port(s); end it in {wanted}"
            )
        comments = [
            f"{self.name} ({self.kind})",
            *(
                f"{one_line(key)} = {one_line(value)}"
                for key, value in self.metadata.items()
                if key
                != "z0"  # that of the file beside the read one; the option line has this one's
            ),
            *(f"corrected: {step}" for step in self.history),
        ]
        write_text(target, touchstone_text(self.frequency, self.s, self.z0, comments))

    def _repr_png_(self) -> bytes:
        return picture(self)
