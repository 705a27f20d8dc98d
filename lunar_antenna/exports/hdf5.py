"""HDF5 files of other layouts than a solution's, made in memory and written whole."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.files import write_bytes
from ..common.signals import signals_deferred
from ..conventions import FAR_FIELD_CONVENTION, FRAME_CONVENTION, TIME_CONVENTION
from .base import origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..solution import Solution


@contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """An ``h5py.File`` to fill, written to ``path`` at the end: HDF5 never meets a full disk."""
    import h5py

    memory = {"driver": "core", "backing_store": False, "libver": "v110"}
    with signals_deferred(), h5py.File(path.name, "w", **memory) as file:
        yield file
        file.flush()
        image = bytes(file.id.get_file_image())
    write_bytes(path, image)


def tell(file: Any, solution: Solution, loading: Sequence[str], meaning: Sequence[str]) -> None:
    """Attributes that every file has: origin, conventions, frame, loading of each port, meaning."""
    file.attrs["provenance"] = list(origin(solution))
    file.attrs["time_convention"] = TIME_CONVENTION
    file.attrs["frame_convention"] = FRAME_CONVENTION
    file.attrs["far_field_convention"] = FAR_FIELD_CONVENTION
    file.attrs["loading"] = list(loading)
    file.attrs["coefficients"] = list(meaning)
