"""Field dumps of the engine as arrays on its own staggered edges and faces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....common.signals import signals_deferred
from ....conventions import ComplexArray, FloatArray
from ....errors import SolverError
from ..model.mesh import Grid
from ..model.scene import Window


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Phasors in and around the recorded box.

    electric: (n_freq, 3, nx, ny, nz) V/m; component c lies on the edge that starts at the node
    along c.  magnetic: the same shape in A/m; component c lies on the face that starts at the
    node across c.  origin: index of the first node on each axis.
    """

    electric: ComplexArray
    magnetic: ComplexArray
    origin: tuple[int, int, int]


def read_fields(folder: Path, grid: Grid, window: Window, frequency: FloatArray) -> Fields:
    """E and H from one node before the box to its last node.

    Raises SolverError where a dump is missing, cut short, or not at the asked frequencies.
    """
    spans = (window.x, window.y, window.z)
    origin = tuple(max(low - 1, 0) for low, _ in spans)
    stops = tuple(high + 1 for _, high in spans)
    arrays = []
    for name in ("E", "H"):
        arrays.append(_read(folder / f"{name}.h5", name, grid, origin, stops, frequency))
    return Fields(arrays[0], arrays[1], origin)  # type: ignore[arg-type]


@signals_deferred()
def _read(
    path: Path,
    name: str,
    grid: Grid,
    origin: tuple[int, ...],
    stops: tuple[int, ...],
    frequency: FloatArray,
) -> ComplexArray:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            slices = []
            for axis, letter in enumerate("xyz"):
                mesh = np.asarray(file[f"Mesh/{letter}"][:], dtype=float)
                lines = grid.axis(axis)
                if name == "H":
                    lines = 0.5 * (lines[1:] + lines[:-1])
                first = int(np.abs(lines - mesh[0]).argmin())
                start, stop = origin[axis] - first, stops[axis] - first
                if start < 0 or stop > mesh.size:
                    raise SolverError(
                        f"openEMS dump {path.name} holds {letter} lines {first} to "
                        f"{first + mesh.size}, needed {origin[axis]} to {stops[axis]}"
                    )
                slices.append(slice(start, stop))
            given = np.asarray(file["FieldData/FD"].attrs["frequency"], dtype=float)
            if given.shape != frequency.shape or not np.allclose(given, frequency, rtol=1e-5):
                raise SolverError(f"openEMS dump {path.name} holds other frequencies than asked")
            # stored (3, z, y, x)
            pick = (slice(None), slices[2], slices[1], slices[0])
            shape = tuple(b - a for a, b in zip(origin, stops, strict=True))
            result = np.empty((frequency.size, 3, *shape), dtype=np.complex64)
            for index in range(frequency.size):
                real = file[f"FieldData/FD/f{index}_real"][pick]
                imag = file[f"FieldData/FD/f{index}_imag"][pick]
                result[index] = (real + 1j * imag).transpose(0, 3, 2, 1)
    except (OSError, KeyError, ValueError) as error:
        raise SolverError(
            f"openEMS dump {path.name} is missing or cut short ({type(error).__name__}); "
            "the run was stopped or the disk is full"
        ) from error
    if not np.all(np.isfinite(result)):
        raise SolverError(f"openEMS dump {path.name} holds non-finite fields: unstable run")
    return result  # type: ignore[return-value]
