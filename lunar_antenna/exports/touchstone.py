"""Writing a measurement: Touchstone 1.1, full double precision, temporary file then rename."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

from ..errors import InputError, one_line
from ..measurement.record import Measurement


def write_atomically(path: str | os.PathLike[str], data: bytes) -> Path:
    """``data`` under ``path``; an existing file is replaced only by a complete one."""
    target = Path(path)
    if not target.parent.is_dir():
        raise InputError(f"folder {target.parent} does not exist; make it or choose another name")
    if target.is_dir():
        raise InputError(f"{target} is a folder; give the name of a file")
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        temporary.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {target}: {one_line(error.strerror or error)}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return target


def touchstone_text(measurement: Measurement) -> str:
    """The file's text; two-port order 11 21 12 22 as Touchstone 1 demands."""
    z0 = complex(measurement.z0)
    if z0.imag != 0.0:
        raise InputError(
            f"Touchstone holds real reference impedances, this one is {z0} ohm; "
            "renormalise to a real one first"
        )
    lines = [f"! {measurement.name} ({measurement.kind})"]
    lines += [
        f"! {one_line(key)} = {one_line(value)}" for key, value in measurement.metadata.items()
    ]
    lines += [f"! corrected: {one_line(step)}" for step in measurement.history]
    lines.append(f"# Hz S RI R {z0.real!r}")
    count = measurement.n_ports
    for frequency, matrix in zip(measurement.frequency, measurement.s, strict=True):
        if count == 2:
            matrix = matrix.T
        if count <= 2:
            rows = [matrix.ravel()]
        else:
            rows = [row[start : start + 4] for row in matrix for start in range(0, count, 4)]
        for number, row in enumerate(rows):
            values = np.column_stack((row.real, row.imag)).ravel().tolist()
            lead = f"{float(frequency)!r} " if number == 0 else ""
            lines.append(lead + " ".join(repr(value) for value in values))
    return "\n".join(lines) + "\n"


def write_touchstone(measurement: Measurement, path: str | os.PathLike[str]) -> None:
    """Write ``measurement``; the extension must be that of its number of ports."""
    target = Path(path)
    wanted = f".s{measurement.n_ports}p"
    if target.suffix.lower() != wanted:
        raise InputError(
            f"{target.name} is no name for {measurement.n_ports} port(s); end it in {wanted}"
        )
    write_atomically(target, touchstone_text(measurement).encode())
