"""The HDF5 file of a Solution: versioned schema, written to a temporary file and renamed.

Schema 1: root attributes (schema, conventions, provenance, the problem as JSON), dimension
scale /frequency (Hz), /z and /r_* (n, p, p) ohm, /elements (positions m, moments), /shape,
/quality.  Old schemas stay readable: each has its reader.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from . import conventions
from .conventions import FloatArray
from .errors import FileFormatError, InputError, one_line
from .problem import Problem
from .radiation import CurrentElements
from .solution import CurrentShape, Provenance, Quality, Solution

SCHEMA = 1
_SHAPE = ("weight", "vertices", "triangles", "segments", "position", "density")
_MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")


def save(solution: Solution, path: str | os.PathLike[str]) -> None:
    """Write ``solution`` to ``path``; an existing file is replaced only by a complete one."""
    target = Path(path)
    if not target.parent.is_dir():
        raise InputError(f"folder {target.parent} does not exist; make it or choose another --out")
    if target.is_dir():
        raise InputError(f"{target} is a folder; give the name of a file such as run.h5")
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(_image(solution))
        temporary.replace(target)
    except OSError as error:
        raise InputError(
            f"cannot write {target}: {error.strerror or one_line(error)}; choose another --out"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def _image(solution: Solution) -> bytes:
    """The whole file in memory: the HDF5 library never meets a full disk."""
    import h5py

    with h5py.File("solution.h5", "w", driver="core", backing_store=False) as file:
        _write(file, solution)
        file.flush()
        return bytes(file.id.get_file_image())


def _write(file: Any, solution: Solution) -> None:
    file.attrs["format"] = "lunar-antenna solution"
    file.attrs["schema"] = SCHEMA
    file.attrs["time_convention"] = conventions.TIME_CONVENTION
    file.attrs["frame_convention"] = conventions.FRAME_CONVENTION
    file.attrs["far_field_convention"] = conventions.FAR_FIELD_CONVENTION
    file.attrs["provenance"] = json.dumps(asdict(solution.provenance))
    file.create_dataset("problem", data=json.dumps(solution.problem.to_dict()))
    frequency = file.create_dataset("frequency", data=solution.frequency)
    frequency.attrs["unit"] = "Hz"
    frequency.make_scale("frequency")
    for name in _MATRICES:
        data = file.create_dataset(name, data=getattr(solution, name))
        data.attrs["unit"] = "ohm"
        data.dims[0].attach_scale(frequency)
        for axis, label in enumerate(("frequency", "port", "port")):
            data.dims[axis].label = label
    elements = file.create_group("elements")
    elements.create_dataset("position", data=solution.elements.position).attrs["unit"] = "m"
    for name, unit in (("electric", "A m / A"), ("magnetic", "V m / A")):
        moments = getattr(solution.elements, name)
        if moments is not None:
            data = elements.create_dataset(name, data=moments, compression="gzip", shuffle=True)
            data.attrs["unit"] = unit
    if solution.shape is not None:
        shape = file.create_group("shape")
        shape.attrs["per_element"] = solution.shape.per_element
        for name in _SHAPE:
            value = getattr(solution.shape, name)
            if value is not None:
                shape.create_dataset(name, data=value)
    quality = file.create_group("quality")
    quality.attrs["converged"] = solution.quality.converged
    quality.create_dataset("power_closure", data=solution.quality.power_closure)
    if solution.quality.z_error is not None:
        quality.create_dataset("z_error", data=solution.quality.z_error)
    details = quality.create_group("details")
    for name, value in solution.quality.details.items():
        details.create_dataset(name, data=value)


def load(path: str | os.PathLike[str]) -> Solution:
    """Read a Solution; raises :class:`FileFormatError` where the file is not one."""
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
    except InputError as error:
        raise FileFormatError(f"{source} holds an invalid problem: {error}") from error
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise FileFormatError(
            f"{source} cannot be read as a solution ({one_line(error)}); solve again with --out"
        ) from error


def _read_1(file: Any) -> Solution:
    problem = Problem.from_dict(json.loads(file["problem"][()]))
    frequency = np.asarray(file["frequency"])
    matrices = {name: np.asarray(file[name]) for name in _MATRICES}
    for name, value in matrices.items():
        if value.ndim != 3 or value.shape[0] != frequency.size or not np.isfinite(value).all():
            raise ValueError(f"/{name} has shape {value.shape} or non-finite values")
    group = file["elements"]
    elements = CurrentElements(
        np.asarray(group["position"]),
        np.asarray(group["electric"]),
        np.asarray(group["magnetic"]) if "magnetic" in group else None,
    )
    _check(frequency, matrices["z"].shape[1], elements)
    shape = None
    if "shape" in file:
        part = file["shape"]
        arrays: dict[str, Any] = {
            name: np.asarray(part[name]) if name in part else None for name in _SHAPE
        }
        shape = CurrentShape(per_element=int(part.attrs["per_element"]), **arrays)
    quality = file["quality"]
    record = json.loads(file.attrs["provenance"])
    record["notes"] = tuple(record["notes"])
    return Solution(
        problem=problem,
        frequency=frequency,
        **matrices,
        elements=elements,
        quality=Quality(
            converged=bool(quality.attrs["converged"]),
            power_closure=np.asarray(quality["power_closure"]),
            z_error=np.asarray(quality["z_error"]) if "z_error" in quality else None,
            details={name: value[()] for name, value in quality["details"].items()},
        ),
        provenance=Provenance(**record),
        shape=shape,
    )


def _check(frequency: FloatArray, ports: int, elements: CurrentElements) -> None:
    """ValueError where frequencies or currents cannot belong to a solution."""
    if not np.isfinite(frequency).all() or np.any(np.diff(frequency) <= 0.0):
        raise ValueError("/frequency is not finite and increasing")
    wanted = (frequency.size, ports, elements.position.shape[0], 3)
    for name, value in (("electric", elements.electric), ("magnetic", elements.magnetic)):
        if value is not None and (value.shape != wanted or not np.isfinite(value).all()):
            raise ValueError(f"/elements/{name} has shape {value.shape} or non-finite values")
    if elements.position.shape[1:] != (3,) or not np.isfinite(elements.position).all():
        raise ValueError("/elements/position is not (n, 3) or not finite")


_READERS = {1: _read_1}
