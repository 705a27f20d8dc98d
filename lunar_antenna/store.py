"""The HDF5 file of a solution: versioned schema, written to a temporary file and renamed.

The file is arrays by name and two JSON documents; what they mean is known to
:class:`~lunar_antenna.solution.Solution`, which makes a :class:`Record` and is made of one.

Schema 1: root attributes (schema, conventions, provenance, the problem as JSON), dimension
scale /frequency (Hz), /z and /r_* (n, p, p) ohm, /elements (positions m, moments), /shape,
/quality.  Old schemas stay readable: each has its reader.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import conventions
from .common.files import write_bytes
from .conventions import ComplexArray, FloatArray, JsonDict
from .errors import FileFormatError, InputError, one_line

SCHEMA = 1
MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")
_MOMENTS = {"electric": "A m / A", "magnetic": "V m / A"}  # unit by name
_SHAPE = ("weight", "vertices", "triangles", "segments", "position", "density")
_QUALITY = ("power_closure", "z_error")


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Content of a solution file; a name that is absent stands for None.

    problem, provenance: JSON documents.  frequency: (n,) Hz.  matrices: :data:`MATRICES`, each
    (n, p, p) ohm.  elements: position (n_el, 3) m, electric and magnetic (n, p, n_el, 3).
    shape: arrays that draw the current, and the whole number per_element; None if not drawable.
    quality: power_closure and z_error (n,).  details: arrays or scalars by name.
    """

    problem: JsonDict
    provenance: JsonDict
    frequency: FloatArray
    matrices: Mapping[str, ComplexArray]
    elements: Mapping[str, Any]
    shape: Mapping[str, Any] | None
    converged: bool
    quality: Mapping[str, FloatArray]
    details: Mapping[str, Any]


def write(path: str | os.PathLike[str], record: Record) -> None:
    """Write ``record`` to ``path``; an existing file is replaced only by a complete one."""
    write_bytes(path, _image(record))


def _image(record: Record) -> bytes:
    """The whole file in memory: the HDF5 library never meets a full disk."""
    import h5py

    with h5py.File("solution.h5", "w", driver="core", backing_store=False) as file:
        _write(file, record)
        file.flush()
        return bytes(file.id.get_file_image())


def _write(file: Any, record: Record) -> None:
    file.attrs["format"] = "lunar-antenna solution"
    file.attrs["schema"] = SCHEMA
    file.attrs["time_convention"] = conventions.TIME_CONVENTION
    file.attrs["frame_convention"] = conventions.FRAME_CONVENTION
    file.attrs["far_field_convention"] = conventions.FAR_FIELD_CONVENTION
    file.attrs["provenance"] = json.dumps(record.provenance)
    file.create_dataset("problem", data=json.dumps(record.problem))
    frequency = file.create_dataset("frequency", data=record.frequency)
    frequency.attrs["unit"] = "Hz"
    frequency.make_scale("frequency")
    for name in MATRICES:
        data = file.create_dataset(name, data=record.matrices[name])
        data.attrs["unit"] = "ohm"
        data.dims[0].attach_scale(frequency)
        for axis, label in enumerate(("frequency", "port", "port")):
            data.dims[axis].label = label
    elements = file.create_group("elements")
    elements.create_dataset("position", data=record.elements["position"]).attrs["unit"] = "m"
    for name, unit in _MOMENTS.items():
        if name in record.elements:
            data = elements.create_dataset(
                name, data=record.elements[name], compression="gzip", shuffle=True
            )
            data.attrs["unit"] = unit
    if record.shape is not None:
        shape = file.create_group("shape")
        shape.attrs["per_element"] = record.shape["per_element"]
        _put(shape, record.shape, _SHAPE)
    quality = file.create_group("quality")
    quality.attrs["converged"] = record.converged
    _put(quality, record.quality, _QUALITY)
    _put(quality.create_group("details"), record.details, tuple(record.details))


def _put(group: Any, arrays: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in arrays:
            group.create_dataset(name, data=arrays[name])


def read(path: str | os.PathLike[str]) -> Record:
    """Content of a solution file; raises :class:`FileFormatError` where the file is not one."""
    import h5py

    source = Path(path)
    if not source.is_file():
        raise InputError(f"{source} is not a file; give a solution written by solve --out")
    try:
        with h5py.File(source, "r") as file:
            if file.attrs.get("format") != "lunar-antenna solution":
                raise FileFormatError(
                    f"{source} is HDF5 but not a lunar-antenna solution; "
                    "give a file written by solve --out"
                )
            schema = int(file.attrs.get("schema", 0))
            if schema not in _READERS:
                raise FileFormatError(
                    f"{source} has schema {schema}; this version reads "
                    f"{', '.join(map(str, _READERS))}; update lunar-antenna"
                )
            return _READERS[schema](file)
    except FileFormatError:
        raise
    except BlockingIOError:
        raise InputError(
            f"{source} is locked by another process that has it open for writing; nothing is wrong "
            "with it: close it there, or wait until that process has ended"
        ) from None
    except PermissionError as error:
        raise InputError(f"{source} may not be read: {error.strerror}; change its rights") from None
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise unreadable(source, error) from error


def unreadable(path: str | os.PathLike[str], error: Exception) -> FileFormatError:
    """The one line about a file whose content is no solution."""
    return FileFormatError(
        f"{path} cannot be read as a solution ({one_line(error)}); solve again with --out"
    )


def _read_1(file: Any) -> Record:
    problem = json.loads(file["problem"][()])
    frequency = np.asarray(file["frequency"])
    matrices = {name: np.asarray(file[name]) for name in MATRICES}
    for name, value in matrices.items():
        if value.ndim != 3 or value.shape[0] != frequency.size or not np.isfinite(value).all():
            raise ValueError(f"/{name} has shape {value.shape} or non-finite values")
    elements = _arrays(file["elements"], ("position", *_MOMENTS))
    _check(frequency, matrices["z"].shape[1], elements)
    shape = None
    if "shape" in file:
        per_element = int(file["shape"].attrs["per_element"])
        shape = {"per_element": per_element, **_arrays(file["shape"], _SHAPE)}
    quality = file["quality"]
    return Record(
        problem=problem,
        provenance=json.loads(file.attrs["provenance"]),
        frequency=frequency,
        matrices=matrices,
        elements=elements,
        shape=shape,
        converged=bool(quality.attrs["converged"]),
        quality=_arrays(quality, _QUALITY),
        details={name: value[()] for name, value in quality["details"].items()},
    )


def _arrays(group: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: np.asarray(group[name]) for name in names if name in group}


def _check(frequency: FloatArray, ports: int, elements: Mapping[str, ComplexArray]) -> None:
    """ValueError where frequencies or currents cannot belong to a solution."""
    if not np.isfinite(frequency).all() or np.any(np.diff(frequency) <= 0.0):
        raise ValueError("/frequency is not finite and increasing")
    position = elements["position"]
    if position.shape[1:] != (3,) or not np.isfinite(position).all():
        raise ValueError("/elements/position is not (n, 3) or not finite")
    wanted = (frequency.size, ports, position.shape[0], 3)
    for name in _MOMENTS:
        value = elements.get(name)
        if value is not None and (value.shape != wanted or not np.isfinite(value).all()):
            raise ValueError(f"/elements/{name} has shape {value.shape} or non-finite values")


_READERS = {1: _read_1}
