"""How an HDF5 file shows what happened to it since it was written.

Three seals, for three kinds of change.  The last line of the file, after the end of HDF5, is the
SHA-256 of all before it: any damaged bit is found before the HDF5 library, which may hang on it,
sees the file.  A program that writes into the file cuts this line off; then the root attribute
``checksums`` tells which part was changed, a JSON object of path to CRC-32 of type, shape and
values (attributes of a group stand under its path with an "@").  And each chunk of an array has
HDF5's fletcher32, which any HDF5 program checks.  Older files have none of them.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

CHECKSUMS = "checksums"
_PLAIN = "biufc"  # kinds of numbers
_MARK = b"\nlunar-antenna sha256 "
_LINE = len(_MARK) + 64 + 1


def sealed(image: bytes) -> bytes:
    """A complete HDF5 file with its last line."""
    return image + seal_line(hashlib.sha256(image).hexdigest())


def seal_line(digest: str) -> bytes:
    """The last line of a file whose SHA-256 without it is ``digest``."""
    return _MARK + digest.encode() + b"\n"


def split_seal(path: Path) -> tuple[int, str | None]:
    """Bytes before the last line of a file, and the digest stated there, or None without one."""
    size = path.stat().st_size
    if size < _LINE:
        return size, None
    with path.open("rb") as file:
        file.seek(size - _LINE)
        line = file.read()
    if not line.startswith(_MARK):
        return size, None
    return size - _LINE, line[len(_MARK) : -1].decode("ascii", "replace")


def opened(data: bytes) -> tuple[bytes, bool]:
    """The HDF5 part of a file, and whether it is as it was written, or not known to be.

    Raises ValueError where it is known not to be.
    """
    image, line = data[:-_LINE], data[-_LINE:]
    if not line.startswith(_MARK):
        return data, False
    if line[len(_MARK) : -1] != hashlib.sha256(image).hexdigest().encode():
        raise ValueError("its bytes are not those that were written: SHA-256 differs")
    return image, True


class Seal:
    """Puts values into a ``file`` and writes their checksums at the end, with :meth:`close`."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._checksums: dict[str, int] = {}

    def attributes(self, group: str, table: Mapping[str, Any]) -> None:
        """Write the attributes of ``group``, all of them at once; "" is the file itself."""
        owner = self._file.require_group(group) if group else self._file
        for name, value in table.items():
            owner.attrs[name] = value
        self._checksums[f"{group}@"] = checksum(table)

    def dataset(self, name: str, value: Any, **filters: Any) -> Any:
        """Write and return the dataset ``name``."""
        array = np.asarray(value)
        plain = array.dtype.kind in _PLAIN
        made = self._file.create_dataset(name, data=array if plain else value, **filters)
        self._checksums[name] = checksum(array if plain else made[()])
        return made

    def close(self) -> None:
        self._file.attrs[CHECKSUMS] = json.dumps(self._checksums, sort_keys=True)


def contents(file: Any, trusted: bool) -> dict[str, Any]:
    """Datasets by path, whole; attributes of groups as tables by path and "@".

    trusted: checksums are not needed.  Raises ValueError naming the part that cannot be read or is
    not what was written.
    """
    root = _attributes(file, "")
    text = root.pop(CHECKSUMS, None)
    if text is None:
        return {"@": root, **_all(file)}
    found: dict[str, Any] = {"@": root}
    written = json.loads(text)
    for name in written:
        if name == "@":
            continue
        group = name[:-1] if name.endswith("@") else None
        found[name] = _values(file, name) if group is None else _group(file, group)
    for name, value in () if trusted else found.items():
        if checksum(value) != written.get(name):
            what = f"attributes of /{name[:-1]} are" if name.endswith("@") else f"/{name} is"
            raise ValueError(f"{what} not what was written")
    return found


def _all(file: Any) -> dict[str, Any]:
    import h5py

    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = _values(file, name)
        else:
            found[f"{name}@"] = _attributes(item, name)

    file.visititems(visit)
    return found


def _group(file: Any, name: str) -> dict[str, Any]:
    try:
        group = file[name]
    except KeyError:
        raise ValueError(f"/{name} is missing") from None
    return _attributes(group, name)


def _values(file: Any, name: str) -> Any:
    """A dataset, whole; numbers past h5py's slower, more general way."""
    import h5py

    try:
        data = h5py.h5d.open(file.id, name.encode())
        kind = data.dtype
        if kind.kind not in _PLAIN:
            return file[name][()]
        values = np.empty(data.shape, kind)
        data.read(h5py.h5s.ALL, h5py.h5s.ALL, values)
    except KeyError:
        raise ValueError(f"/{name} is missing") from None
    except Exception as error:  # of the library, of any kind where bytes are damaged
        raise ValueError(f"/{name} cannot be read: {error}") from None
    return values if values.ndim else values[()]


def _attributes(item: Any, name: str) -> dict[str, Any]:
    try:
        return dict(item.attrs.items())
    except Exception as error:
        raise ValueError(f"the attributes of /{name} cannot be read: {error}") from None


def checksum(value: Any) -> int:
    """CRC-32 of an array with its type and shape, of text, or of a table."""
    if isinstance(value, str):
        return zlib.crc32(value.encode())
    if isinstance(value, bytes):
        return zlib.crc32(value)
    if isinstance(value, Mapping):
        return checksum(json.dumps([[key, checksum(value[key])] for key in sorted(value)]))
    array = np.ascontiguousarray(value)
    head = zlib.crc32(f"{array.dtype.str}{np.shape(value)}".encode())
    if array.dtype.kind in _PLAIN:
        return zlib.crc32(array.data, head)
    return zlib.crc32(str(array.tolist()).encode(), head)
