"""The receiver at the antenna's terminals: a parallel R and C and three noise sources.

           Z_A         e_n
      +---/\\/\\---+----(~)----|>
      |          |     |
     V_A       C = R   i_n          Z_L = R/(1 + j omega C R)
      |          |     |
      +----------+-----+------

Against an antenna of impedance Z_A the mean-square noise voltage of the receiver itself at its
input is, per hertz,

    V^2 = e_n^2 + (i_n^2 + 4 k T_R/R) |Z_A || Z_L|^2

A receiver as measured is of the same kind: :mod:`.measured_receiver`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..common.checks import did_you_mean, kind, number, shown
from ..common.tables import Table
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError
from .brightness import BOLTZMANN
from .receiver_sources import Sources


class Frontend(Protocol):
    """What a budget asks of a receiver."""

    @property
    def name(self) -> str: ...

    def impedance(self, frequency: FloatArray) -> ComplexArray:
        """Z_L (n,) ohm at ``frequency`` (n,) Hz."""
        ...

    def noise(self, frequency: FloatArray, antenna: ComplexArray) -> FloatArray:
        """(n,) V^2/Hz of its own at its input, ``antenna`` (n,) ohm connected."""
        ...

    def emitted(self, frequency: FloatArray) -> FloatArray:
        """(n,) A^2/Hz that it drives into a short circuit of its terminals."""
        ...

    def sources(self, frequency: FloatArray) -> Sources:
        """Its noise as sources ahead of a noiseless input."""
        ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """Input impedance and noise of a preamplifier.

    resistance: ohm, capacitance: F, in parallel.  voltage_noise: V/sqrt(Hz).  current_noise:
    A/sqrt(Hz), of the amplifier without its input resistance.  temperature: K, of the input
    resistance; 0 for one that is made electronically and brings no noise of its own.
    """

    resistance: float
    capacitance: float = 0.0
    voltage_noise: float = 0.0
    current_noise: float = 0.0
    temperature: float = 0.0
    name: str = "custom"

    def __post_init__(self) -> None:
        number(
            "receiver resistance",
            self.resistance,
            low=0.0,
            high=1e12,
            low_open=True,
            unit="ohm",
        )
        number("receiver capacitance", self.capacitance, low=0.0, high=1e-6, unit="F")
        number("receiver voltage_noise", self.voltage_noise, low=0.0, high=1e-3, unit="V/sqrt(Hz)")
        number("receiver current_noise", self.current_noise, low=0.0, high=1e-3, unit="A/sqrt(Hz)")
        number("receiver temperature", self.temperature, low=0.0, high=1e5, unit="K")
        kind("receiver name", self.name, str, "text")

    def impedance(self, frequency: FloatArray) -> ComplexArray:
        """Z_L (ohm) at ``frequency`` (Hz), same shape."""
        omega = 2.0 * np.pi * np.asarray(frequency, dtype=float)
        return np.asarray(self.resistance / (1.0 + 1j * omega * self.capacitance * self.resistance))

    def noise(self, frequency: FloatArray, antenna: ComplexArray) -> FloatArray:
        """The receiver's own V^2 (V^2/Hz) at its input, ``antenna`` (ohm) connected."""
        load = self.impedance(frequency)
        parallel = antenna * load / (antenna + load)
        return np.asarray(self.voltage_noise**2 + self.emitted(frequency) * np.abs(parallel) ** 2)

    def emitted(self, frequency: FloatArray) -> FloatArray:
        """A^2/Hz that it drives into a short circuit of its terminals, shape of ``frequency``."""
        current = self.current_noise**2 + 4.0 * BOLTZMANN * self.temperature / self.resistance
        return np.full(np.shape(frequency), current)

    def sources(self, frequency: FloatArray) -> Sources:
        """e = e_n; i = i_n and 4 k T_R/R, and e_n/Z_L because e_n is behind the input here."""
        admittance = 1.0 / self.impedance(frequency)
        voltage = np.full(np.shape(frequency), self.voltage_noise**2)
        current = self.emitted(frequency) + voltage * np.abs(admittance) ** 2
        return Sources(voltage, current, np.asarray(voltage * admittance))

    def to_dict(self) -> JsonDict:
        return asdict(self)


# lusee_like: 34-37 pF, 0.3-1.1 Mohm and 2 nV/sqrt(Hz) were read of the LuSEE-Night preamplifier;
# the middle of both ranges is ours.  Its current noise was not found: the thermal noise of the
# input resistance at 290 K stands for it (assumed).
RECEIVERS: dict[str, Receiver] = {
    "lusee_like": Receiver(
        resistance=0.7e6,
        capacitance=35.5e-12,
        voltage_noise=2e-9,
        temperature=290.0,
        name="lusee_like",
    )
}


MEASURED = ("reflection", "noise_parameters", "noise_waves", "z0", "name")


def receiver_from(value: object) -> Frontend:
    """A receiver from a name, a TOML file, a table, or None: lusee_like.

    A table has the fields of :class:`Receiver` (a shipped ``name``, changed by its keys), or those
    of :func:`.measured_receiver.measured_receiver`: reflection, and noise_parameters or
    noise_waves, files beside the TOML file.  Raises :class:`InputError` for an unknown name or key.
    """
    if value is None:
        return RECEIVERS["lusee_like"]
    if hasattr(value, "impedance") and hasattr(value, "noise") and hasattr(value, "emitted"):
        return value  # type: ignore[return-value]
    keys = tuple(Receiver.__dataclass_fields__)
    folder = Path()
    if isinstance(value, (str, os.PathLike)):
        text = os.fspath(value)
        if Path(text).suffix.lower() == ".toml":
            return _read(Path(text))
        value = {"name": text}
        if text not in RECEIVERS:
            raise InputError(
                f"receiver {text!r} is not known; {did_you_mean(text, RECEIVERS)}allowed: "
                f"{', '.join(RECEIVERS)}, a .toml file, or a table with {', '.join(keys[:-1])}"
            )
    if not isinstance(value, Mapping):
        raise InputError(f"receiver = {shown(value)} is neither a name nor a table; give one")
    return _of_table(Table(value, name="receiver", error=InputError), folder)


def _read(path: Path) -> Frontend:
    """The receiver of a TOML file: its table [receiver], or the file itself."""
    table = Table.read(path)
    if "receiver" in table:
        table.only("receiver", "source")
        table = table.table("receiver")
    with table.naming():
        return _of_table(table, path.parent)


def _of_table(table: Table, folder: Path) -> Frontend:
    keys = tuple(Receiver.__dataclass_fields__)
    value: Mapping[str, Any] = table.content
    if any(key in value for key in MEASURED[:3]):
        from .measured_receiver import measured_receiver

        table.only(*MEASURED)
        table.needs("reflection")
        files = {key: folder / table.text(key) for key in MEASURED[1:3] if key in table}
        return measured_receiver(
            folder / table.text("reflection"),
            z0=table.number("z0", low=0.0, low_open=True, unit="ohm") if "z0" in table else None,
            name=table.text("name") if "name" in table else None,
            **files,
        )
    table.only(*keys)
    base = RECEIVERS.get(str(value.get("name", "")))
    merged = {**(base.to_dict() if base else {}), **value}
    if "resistance" not in merged:
        raise table.error("receiver lacks resistance; give it in ohm, or name = 'lusee_like'")
    return Receiver(**merged)
