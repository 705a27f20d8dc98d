"""HDF5 files of other layouts than a solution's, made in memory and written whole."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.files import write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """An ``h5py.File`` to fill, written to ``path`` at the end: HDF5 never meets a full disk."""
    import h5py

    with h5py.File(path.name, "w", driver="core", backing_store=False, libver="v110") as file:
        yield file
        file.flush()
        image = bytes(file.id.get_file_image())
    write_bytes(path, image)
