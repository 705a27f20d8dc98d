"""The HDF5 file of an array's solution, of which no more is read than is asked for.

Schema 1: root attributes (format, schema, conventions, provenance, converged), /array (JSON),
/frequency (Hz), /quality, /nodes/K (m) of element type number K, and a group f00000, f00001, ...
for each frequency with z and r_* (p, p) ohm, amplitude (p, n_function), moments/K (n_node, k, 2).

Sealed like the file of a solution (:mod:`.store_seal`): its last line is the SHA-256 of all before
it, which is checked for files up to :data:`HASHED` bytes or when asked; the chunks of every array
carry fletcher32, which HDF5 checks as they are read; text and numbers beside the arrays have
checksums of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import conventions
from .array_problem import Array
from .common.files import is_file, whole
from .common.signals import signals_deferred
from .conventions import FloatArray
from .errors import FileFormatError, InputError, one_line
from .solution_parts import Provenance, Quality
from .store_seal import Seal, checksum, seal_line, split_seal

if TYPE_CHECKING:
    import h5py

FORMAT, SCHEMA = "lunar-antenna array", 1
MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")
HASHED = 256e6  # bytes up to which the whole file is checked before anything is read
ROWS = 8  # ports in one chunk of the amplitudes
BLOCK = 1 << 24  # bytes hashed at once


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArrayRecord:
    """Matrices and functions at each frequency of an array.

    parts: one for each frequency, of :data:`MATRICES` (p, p) ohm, "amplitude" (p, n_function), and
    "moments/TYPE" (n_node, k, 2) A m; arrays, or datasets of a file that stays open.
    nodes: {type: (n_node, 2)} m, in the frame of the layout.
    """

    array: Array
    parts: Sequence[Mapping[str, Any]]
    nodes: Mapping[str, FloatArray]
    quality: Quality
    provenance: Provenance


@signals_deferred()
def write(path: str | os.PathLike[str], solution: ArrayRecord) -> None:
    """Write ``solution`` to ``path``; an existing file is replaced only by a whole one."""
    import h5py

    with whole(path) as private:
        with h5py.File(private, "w", libver="v110") as file:
            seal = Seal(file)
            _write(seal, solution)
            seal.close()
        with private.open("ab") as file:
            file.write(seal_line(_digest(private, private.stat().st_size)))


def _write(seal: Seal, solution: ArrayRecord) -> None:
    array, quality = solution.array, solution.quality
    seal.attributes(
        "",
        {
            "format": FORMAT,
            "schema": SCHEMA,
            "time_convention": conventions.TIME_CONVENTION,
            "frame_convention": conventions.FRAME_CONVENTION,
            "far_field_convention": conventions.FAR_FIELD_CONVENTION,
            "provenance": json.dumps(asdict(solution.provenance)),
            "converged": quality.converged,
        },
    )
    seal.dataset("array", json.dumps(array.to_dict()))
    seal.dataset("frequency", array.frequency).attrs["unit"] = "Hz"
    seal.dataset("quality/power_closure", quality.power_closure)
    if quality.z_error is not None:
        seal.dataset("quality/z_error", quality.z_error)
    for name, value in quality.details.items():
        seal.dataset(f"quality/details/{name}", value)
    for number, key in enumerate(array.layouts):
        seal.dataset(f"nodes/{number}", solution.nodes[key]).attrs["unit"] = "m"
    for index, part in enumerate(solution.parts):
        group = f"f{index:05d}"
        for name in MATRICES:
            _big(seal, f"{group}/{name}", part[name][()]).attrs["unit"] = "ohm"
        _big(seal, f"{group}/amplitude", part["amplitude"][()])
        for number, key in enumerate(array.layouts):
            moments = part[f"moments/{key}"][()]
            seal.dataset(f"{group}/moments/{number}", moments, chunks=True, fletcher32=True)


def _big(seal: Seal, name: str, value: Any) -> Any:
    chunks = (min(ROWS, len(value)), *value.shape[1:])
    return seal.dataset(name, value, chunks=chunks, fletcher32=True)


def _digest(path: Path, size: int) -> str:
    """SHA-256 of the first ``size`` bytes."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0:
            data = file.read(min(BLOCK, size))
            if not data:
                break
            found.update(data)
            size -= len(data)
    return found.hexdigest()


class Part(Mapping[str, Any]):
    """Datasets of one frequency; element types by their names."""

    def __init__(self, group: h5py.Group, kinds: Mapping[str, int]) -> None:
        self._group = group
        self._names = {name: name for name in (*MATRICES, "amplitude")}
        self._names.update({f"moments/{key}": f"moments/{k}" for key, k in kinds.items()})

    def __getitem__(self, name: str) -> Any:
        return self._group[self._names[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@signals_deferred()
def holds_array(path: str | os.PathLike[str]) -> bool:
    """Whether ``path`` says that it is an array's solution; what else it may be is not asked."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return bool(file.attrs.get("format") == FORMAT)
    except OSError:
        return False


def read(path: str | os.PathLike[str], *, check: bool | None = None) -> ArrayRecord:
    """What :func:`write` wrote; its arrays stay in the file.

    check: read the whole file for its SHA-256; None: up to 256 MB.

    Raises :class:`FileFormatError` where the file is none or is damaged.
    """
    import h5py

    source = Path(path)
    if not is_file(source):
        raise InputError(f"{source} is not a file; give a solution written by array --out")
    try:
        _unharmed(source, check)
        with signals_deferred():
            file = h5py.File(source, "r", locking=False)
    except FileFormatError:
        raise
    except OSError as error:
        raise FileFormatError(
            f"{source} cannot be read as an array's solution ({one_line(error)[:200]}); "
            "solve again with --out"
        ) from None
    try:
        return _read(file)
    except Exception as error:  # damaged bytes make the library raise anything
        file.close()
        if isinstance(error, FileFormatError):
            raise FileFormatError(f"{source} {error}") from None
        raise FileFormatError(
            f"{source} cannot be read as an array's solution ({one_line(error)[:200]}); "
            "solve again with --out"
        ) from None


def _unharmed(path: Path, check: bool | None) -> None:
    size, digest = split_seal(path)
    if digest is None:
        raise FileFormatError(
            f"{path} has no seal: it was cut, or another program wrote into it; solve again"
        )
    wanted = size <= HASHED if check is None else check
    if wanted and _digest(path, size) != digest:
        raise FileFormatError(
            f"{path} is damaged: its bytes are not those that were written; solve again with --out"
        )


@signals_deferred()
def _read(file: h5py.File) -> ArrayRecord:
    if file.attrs.get("format") != FORMAT:
        raise FileFormatError("is HDF5 but no array's solution; give a file of array --out")
    schema = int(file.attrs.get("schema", 0))
    if schema != SCHEMA:
        raise FileFormatError(f"has schema {schema}; this version reads {SCHEMA}; update")
    sums = json.loads(file.attrs["checksums"])
    small = ["array", "frequency", *(f"quality/{name}" for name in _below(file["quality"]))]
    small += [f"nodes/{name}" for name in file["nodes"]]
    found = {name: file[name][()] for name in small}
    for name, value in found.items():
        if checksum(value) != sums.get(name):
            raise FileFormatError(f"is damaged: /{name} is not what was written")
    array = Array.from_dict(json.loads(found["array"]))
    kinds = {key: number for number, key in enumerate(array.layouts)}
    details = {
        name.removeprefix("quality/details/"): value
        for name, value in found.items()
        if name.startswith("quality/details/")
    }
    made = ArrayRecord(
        array,
        [Part(file[f"f{index:05d}"], kinds) for index in range(array.frequency.size)],
        {key: found[f"nodes/{number}"] for key, number in kinds.items()},
        Quality(
            bool(file.attrs["converged"]),
            found["quality/power_closure"],
            found.get("quality/z_error"),
            details,
        ),
        Provenance.from_dict(json.loads(file.attrs["provenance"])),
    )
    if made.provenance.problem_digest != array.digest:
        raise FileFormatError("is damaged: /array is not the array that was solved")
    return made


def _below(group: h5py.Group) -> list[str]:
    import h5py

    names: list[str] = []

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            names.append(name)

    group.visititems(visit)
    return names
