"""The HDF5 file of a solution: versioned schema, written to a temporary file and renamed.

The file is arrays by name and two JSON documents; what they mean is known to
:class:`~lunar_antenna.solution.Solution`, which makes a :class:`Record` and is made of one.

Schema 1: root attributes (schema, conventions, provenance, the problem as JSON), dimension
scale /frequency (Hz), /z and /r_* (n, p, p) ohm, /elements (positions m, moments), /shape,
/quality.  Files are sealed (:mod:`.store_seal`); older ones of this schema are not.  Old schemas
stay readable: each has its reader.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import conventions
from .common.files import is_file, write_bytes
from .common.signals import signals_deferred
from .conventions import ComplexArray, FloatArray, JsonDict
from .errors import FileFormatError, InputError, one_line
from .store_seal import Seal, contents, opened, sealed

FORMAT, SCHEMA = "lunar-antenna solution", 1
MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")
_MOMENTS = {"electric": "A m / A", "magnetic": "V m / A"}  # unit by name
_SHAPE = ("weight", "vertices", "triangles", "segments", "position", "density")
_QUALITY: dict[str, tuple[int, ...]] = {  # shape of an entry per frequency
    "power_closure": (),
    "z_error": (),
    "r_error": (4,),
    "efficiency_error": (),
}
_BEYOND_SENSE = 1e30  # of any quantity in SI; its square is far from what a double holds
_CHUNK = 4e6  # bytes of an array that one checksum covers


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Content of a solution file; a name that is absent stands for None.

    problem, provenance: JSON documents.  frequency: (n,) Hz.  matrices: :data:`MATRICES`, each
    (n, p, p) ohm.  elements: position (n_el, 3) m, electric and magnetic (n, p, n_el, 3).
    shape: arrays that draw the current, and the whole number per_element; None if not drawable.
    quality: as in Quality, by name.  details: arrays or scalars by name.
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


@signals_deferred()
def _image(record: Record) -> bytes:
    """The whole file in memory: the HDF5 library never meets a full disk."""
    import h5py

    with h5py.File("solution.h5", "w", driver="core", backing_store=False, libver="v110") as file:
        seal = Seal(file)
        _write(seal, record)
        seal.close()
        file.flush()
        return sealed(bytes(file.id.get_file_image()))


def _write(seal: Seal, record: Record) -> None:
    seal.attributes(
        "",
        {
            "format": FORMAT,
            "schema": SCHEMA,
            "time_convention": conventions.TIME_CONVENTION,
            "frame_convention": conventions.FRAME_CONVENTION,
            "far_field_convention": conventions.FAR_FIELD_CONVENTION,
            "provenance": json.dumps(record.provenance),
        },
    )
    seal.dataset("problem", json.dumps(record.problem))
    frequency = _put(seal, "frequency", record.frequency)
    frequency.attrs["unit"] = "Hz"
    frequency.make_scale("frequency")
    for name in MATRICES:
        data = _put(seal, name, record.matrices[name])
        data.attrs["unit"] = "ohm"
        data.dims[0].attach_scale(frequency)
        for axis, label in enumerate(("frequency", "port", "port")):
            data.dims[axis].label = label
    _put(seal, "elements/position", record.elements["position"]).attrs["unit"] = "m"
    for name, unit in _MOMENTS.items():
        if name in record.elements:
            value = record.elements[name]
            data = _put(seal, f"elements/{name}", value, compression="gzip", compression_opts=1)
            data.attrs["unit"] = unit
    if record.shape is not None:
        seal.attributes("shape", {"per_element": record.shape["per_element"]})
        _put_all(seal, "shape", record.shape, _SHAPE)
    seal.attributes("quality", {"converged": record.converged})
    _put_all(seal, "quality", record.quality, tuple(_QUALITY))
    seal.attributes("quality/details", {})
    for name, value in record.details.items():
        seal.dataset(f"quality/details/{name}", value)


def _put_all(seal: Seal, group: str, arrays: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in arrays:
            _put(seal, f"{group}/{name}", arrays[name])


def _put(seal: Seal, name: str, value: Any, **filters: Any) -> Any:
    """A dataset with a checksum of each chunk."""
    array = np.asarray(value)
    if array.size == 0 or array.ndim == 0:
        return seal.dataset(name, array)
    rows = max(1, int(_CHUNK / array.nbytes * len(array)))
    chunks = (min(rows, len(array)), *array.shape[1:])
    return seal.dataset(name, array, chunks=chunks, fletcher32=True, **filters)


def read(path: str | os.PathLike[str]) -> Record:
    """Content of a solution file.

    Raises :class:`FileFormatError` where the file is none, is damaged or was changed.
    """
    source = Path(path)
    if not is_file(source):
        raise InputError(f"{source} is not a file; give a solution written by solve --out")
    try:
        data = source.read_bytes()
    except OSError as error:
        raise InputError(f"{source} may not be read: {error.strerror}; change its rights") from None
    try:
        return _record(data)
    except Exception as error:  # damaged bytes make the library raise anything
        if _locked(source):
            raise FileFormatError(
                f"{source} is locked by another process, which writes it; wait for it to end"
            ) from None
        if isinstance(error, FileFormatError):
            raise FileFormatError(f"{source} {error}") from None
        raise unreadable(source, error) from None


@signals_deferred()
def _locked(path: Path) -> bool:
    """Whether another process holds the file open for writing, as HDF5 locks it."""
    import h5py

    try:
        h5py.File(path, "r").close()
    except OSError as error:
        return "lock" in str(error).lower()
    return False


def unreadable(path: str | os.PathLike[str], error: Exception) -> FileFormatError:
    """The one line about a file whose content is no solution."""
    detail = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    return FileFormatError(
        f"{path} cannot be read as a solution ({one_line(detail)[:300]}); solve again with --out"
    )


@signals_deferred()
def _record(data: bytes) -> Record:
    """Of the bytes of a file; no program that has it open disturbs, nor is disturbed."""
    import h5py

    if not data.startswith(b"\x89HDF"):
        raise ValueError("it is not HDF5")
    image, trusted = opened(data)
    with h5py.File(h5py.h5f.open_file_image(image)) as file:
        if file.attrs.get("format") != FORMAT:
            raise FileFormatError(
                "is HDF5 but not a lunar-antenna solution; give a file written by solve --out"
            )
        schema = int(file.attrs.get("schema", 0))
        if schema not in _READERS:
            raise FileFormatError(
                f"has schema {schema}; this version reads {', '.join(map(str, _READERS))}; "
                "update lunar-antenna"
            )
        found = contents(file, trusted)
    return _READERS[schema](found)


def _read_1(found: Mapping[str, Any]) -> Record:
    problem = _json("problem", found.get("problem"))
    provenance = _json("provenance", found["@"].get("provenance"))
    _check_digest(problem, provenance)
    frequency = _array(found, "frequency", "f", (None,))
    count = frequency.size
    if not count or np.any(np.diff(frequency) <= 0.0) or frequency[0] <= 0.0:
        raise ValueError("/frequency is empty, not positive or does not increase")
    ports = _array(found, "z", "c", (count, None, None)).shape[1]
    matrices = {name: _array(found, name, "c", (count, ports, ports)) for name in MATRICES}
    elements = {"position": _array(found, "elements/position", "f", (None, 3))}
    wanted = (count, ports, len(elements["position"]), 3)
    for name in _MOMENTS:
        if name == "electric" or f"elements/{name}" in found:
            elements[name] = _array(found, f"elements/{name}", "c", wanted)
    quality = {
        name: _array(found, f"quality/{name}", "f", (count, *entry))
        for name, entry in _QUALITY.items()
        if name == "power_closure" or f"quality/{name}" in found
    }
    inside = "quality/details/"
    return Record(
        problem=problem,
        provenance=provenance,
        frequency=frequency,
        matrices=matrices,
        elements=elements,
        shape=_shape(found, wanted) if "shape@" in found else None,
        converged=_flag(found, "quality@", "converged"),
        quality=quality,
        details={
            name.removeprefix(inside): value
            for name, value in found.items()
            if name.startswith(inside) and not name.endswith("@")
        },
    )


def _shape(found: Mapping[str, Any], moments: tuple[int, int, int, int]) -> dict[str, Any]:
    """What draws the current; moments: shape of the current moments."""
    count, ports, points, _ = moments
    per_element = found["shape@"].get("per_element")
    if not isinstance(per_element, np.integer) or per_element < 1:
        raise ValueError(f"per_element of /shape is {per_element!r}, not a whole number from 1 on")
    weight = _array(found, "shape/weight", "f", (None,))
    size = weight.size
    if not np.all(weight > 0.0):
        raise ValueError("/shape/weight has an element without extent")
    wanted = {
        "weight": ("f", (size,)),
        "vertices": ("f", (None, 2)),
        "triangles": ("i", (None, 3)),
        "segments": ("f", (None, 2, 3)),
        "position": ("f", (size, 3)),
        "density": ("c", (count, ports, size, 3)),
    }
    shape = {
        name: _array(found, f"shape/{name}", *wanted[name])
        for name in _SHAPE
        if f"shape/{name}" in found
    }
    if ("position" in shape) != ("density" in shape):
        raise ValueError("/shape has one of position and density without the other")
    if "density" not in shape and size * int(per_element) != points:
        raise ValueError(
            f"/shape/weight has {size} elements of {per_element} points, where the current has "
            f"{points} points"
        )
    triangles, vertices = shape.get("triangles"), shape.get("vertices")
    if triangles is not None and triangles.size:
        most = 0 if vertices is None else len(vertices)
        if triangles.min() < 0 or triangles.max() >= most:
            raise ValueError(f"/shape/triangles points beyond {most} vertices")
    return {"per_element": int(per_element), **shape}


def _array(found: Mapping[str, Any], name: str, kind: str, shape: tuple[int | None, ...]) -> Any:
    """A finite array of double precision, of kind f, c or i and of ``shape``, None: any length."""
    value = found.get(name)
    if value is None:
        raise ValueError(f"/{name} is missing")
    array = np.asarray(value)
    if array.dtype.kind != kind:
        words = {"f": "real", "c": "complex", "i": "whole"}
        raise ValueError(f"/{name} is of type {array.dtype}, not {words[kind]} numbers")
    fits = array.ndim == len(shape) and all(
        wanted in (None, own) for own, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits:
        text = " x ".join("any" if item is None else str(item) for item in shape)
        raise ValueError(f"/{name} has shape {array.shape}, not {text}")
    unknown = name == "quality/power_closure" and bool(np.isnan(array).all())  # and said so
    if not (unknown or np.isfinite(array).all()):
        raise ValueError(f"/{name} has values that are not finite")
    if array.size and float(np.abs(array).max()) > _BEYOND_SENSE:
        raise ValueError(f"/{name} has values beyond {_BEYOND_SENSE:g}")
    return array.astype({"f": float, "c": complex, "i": int}[kind], copy=False)


def _flag(found: Mapping[str, Any], owner: str, name: str) -> bool:
    value = found[owner].get(name) if owner in found else None
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} of /{owner[:-1]} is {value!r}, not true or false")
    return bool(value)


def _json(name: str, text: Any) -> JsonDict:
    if not isinstance(text, (str, bytes)):
        raise ValueError(f"{name} is missing or not text")
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not a JSON object")
    return value


def _check_digest(problem: JsonDict, provenance: JsonDict) -> None:
    """The problem that is told is the one that was solved, as its digest says."""
    text = json.dumps(problem, sort_keys=True)
    if hashlib.sha256(text.encode()).hexdigest() != provenance.get("problem_digest"):
        raise ValueError("/problem is not the problem that was solved: its digest differs")


_READERS = {1: _read_1}
