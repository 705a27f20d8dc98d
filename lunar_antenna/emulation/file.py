"""The HDF5 file of an emulator: its arrays by the names of their fields, sealed.

Schema 1: root attributes (format, schema, accuracy, held_out_error), /box as JSON, the arrays of
:class:`.emulator.Emulator` under the paths of their fields, and /centre, Z in the middle of the box
(n, p, p) ohm as it was when written: a file that does not give it again is refused.
"""

from __future__ import annotations

import json
import os
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np

from ..common.files import write_bytes
from ..common.signals import signals_deferred
from ..conventions import ComplexArray, FloatArray
from ..errors import FileFormatError, InputError, one_line
from ..media.sheets import Metal
from ..solvers.planar.matrices import Factors
from ..store_seal import Seal, contents, opened, sealed
from .box import Box
from .levels import Reduced, Small

FORMAT, SCHEMA = "lunar-antenna emulator", 1


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What a file holds: fields as in :class:`.emulator.Emulator`; centre: see above."""

    box: Box
    accuracy: str
    factors: Factors
    first: tuple[Reduced, ...]
    second: tuple[Small, ...]
    position: FloatArray
    held_out_error: float
    centre: ComplexArray


@signals_deferred()
def write(path: str | os.PathLike[str], made: Record) -> None:
    """An existing file is replaced only by a complete one."""
    import h5py

    with h5py.File("emulator.h5", "w", driver="core", backing_store=False, libver="v110") as file:
        seal = Seal(file)
        head = {"format": FORMAT, "schema": SCHEMA, "accuracy": made.accuracy}
        seal.attributes("", {**head, "held_out_error": made.held_out_error})
        seal.dataset("box", json.dumps(made.box.to_dict()))
        for name, value in _flat("factors", made.factors).items():
            seal.dataset(name, value)
        for level, parts in (("first", made.first), ("second", made.second)):
            for number, part in enumerate(parts):
                for name, value in _flat(f"{level}/{number}", part).items():
                    seal.dataset(name, value)
        seal.dataset("position", made.position)
        seal.dataset("centre", made.centre)
        seal.close()
        file.flush()
        write_bytes(path, sealed(bytes(file.id.get_file_image())))


def _flat(path: str, item: Any) -> dict[str, Any]:
    """Arrays and numbers of a dataclass by path; what is None and the metal are left out."""
    found: dict[str, Any] = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if is_dataclass(value) and not isinstance(value, Metal):
            found.update(_flat(f"{path}/{field.name}", value))
        elif isinstance(value, (np.ndarray, float, int)):
            found[f"{path}/{field.name}"] = value
    return found


Result = TypeVar("Result")


def read(path: str | os.PathLike[str], make: Callable[[Record], Result]) -> Result:
    """What ``make`` makes of the content of a file; ValueError of it is said with the file's name.

    Raises :class:`InputError` without a file, :class:`FileFormatError` for any other content.
    """
    source = Path(path)
    try:
        data = source.read_bytes()
    except OSError as error:
        raise InputError(
            f"{source} cannot be read ({error.strerror}); give a file written by Emulator.save"
        ) from None
    try:
        return make(_record(data))
    except FileFormatError as error:
        raise FileFormatError(f"{source} {error}") from None
    except Exception as error:  # damaged bytes make the library raise anything
        raise FileFormatError(
            f"{source} cannot be read as an emulator ({one_line(error)[:300]}); emulate again"
        ) from None


@signals_deferred()
def _record(data: bytes) -> Record:
    import h5py

    if not data.startswith(b"\x89HDF"):
        raise ValueError("it is not HDF5")
    image, trusted = opened(data)
    with h5py.File(h5py.h5f.open_file_image(image)) as file:
        if file.attrs.get("format") != FORMAT:
            raise FileFormatError(
                "is HDF5 but no lunar-antenna emulator; give a file written by Emulator.save"
            )
        if file.attrs.get("schema") != SCHEMA:
            raise FileFormatError(
                f"has schema {file.attrs.get('schema')}, this version reads {SCHEMA}; "
                "update lunar-antenna"
            )
        found = contents(file, trusted)
    head = found["@"]
    box = Box.from_dict(json.loads(found["box"]))
    return Record(
        box=box,
        accuracy=str(head["accuracy"]),
        factors=_built(Factors, found, "factors", box.problem.layout.metal),
        first=_parts(Reduced, found, "first"),
        second=_parts(Small, found, "second"),
        position=found["position"],
        held_out_error=float(head["held_out_error"]),
        centre=found["centre"],
    )


def _parts(kind: type[Any], found: Mapping[str, Any], path: str) -> tuple[Any, ...]:
    numbers = {int(name.split("/")[1]) for name in found if name.startswith(f"{path}/")}
    return tuple(_built(kind, found, f"{path}/{number}", None) for number in sorted(numbers))


def _built(kind: type[Any], found: Mapping[str, Any], path: str, metal: Metal | None) -> Any:
    """A dataclass of what :func:`_flat` made of it."""
    values: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        own = f"{path}/{name}"
        options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        inner = next((option for option in options if is_dataclass(option)), None)
        if inner is Metal:
            values[name] = metal
        elif inner is not None:
            there = any(item.startswith(f"{own}/") for item in found)
            values[name] = _built(inner, found, own, metal) if there else None  # type: ignore[arg-type]
        else:
            value = found[own]
            values[name] = value if isinstance(value, np.ndarray) else value.item()
    return kind(**values)
