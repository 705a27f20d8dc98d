"""Solutions at single frequencies as files in a folder: what a stopped run goes on from."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from ..common.files import write_bytes
from .frequency import Found


def part_file(folder: Path, index: int, digest: str) -> Path:
    """Name of a part; the digest says of which array, and solved how."""
    return folder / f"f{index:05d}-{digest[:16]}.npz"


def packed(found: Found) -> bytes:
    """A solution as the bytes of a part."""
    arrays = {
        **{f"matrix/{name}": value for name, value in found.matrices.items()},
        **{f"moments/{name}": value for name, value in found.moments.items()},
        **{f"error/{name}": np.array(value) for name, value in found.errors.items()},
        "amplitude": found.amplitude,
        "seconds": np.array(found.seconds),
    }
    data = io.BytesIO()
    np.savez(data, **arrays)  # type: ignore[arg-type]
    return data.getvalue()


def keep_part(folder: Path, index: int, digest: str, data: bytes) -> None:
    """Write a part, whole or not at all."""
    write_bytes(part_file(folder, index, digest), data)


def write_part(folder: Path, index: int, digest: str, found: Found) -> None:
    """The same of a solution."""
    keep_part(folder, index, digest, packed(found))


def read_part(folder: Path, index: int, digest: str) -> Found | None:
    """The part, or None where it is not there or cannot be read."""
    try:
        with np.load(part_file(folder, index, digest)) as file:
            arrays = {name: file[name] for name in file.files}
    except Exception:  # damaged bytes may raise anything: it is solved again
        return None

    def group(name: str) -> dict[str, np.ndarray]:
        return {
            key.removeprefix(f"{name}/"): value
            for key, value in arrays.items()
            if key.startswith(f"{name}/")
        }

    if "amplitude" not in arrays or "seconds" not in arrays:
        return None
    errors = {name: float(value) for name, value in group("error").items()}
    seconds = float(arrays["seconds"])
    return Found(group("matrix"), arrays["amplitude"], group("moments"), errors, seconds)
