"""A package outside of this one, written as an installer would leave it: modules and metadata."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path


def install(
    folder: Path, name: str, files: Mapping[str, str], groups: Mapping[str, Mapping[str, str]]
) -> Path:
    """Package ``name`` 1.0 in ``folder``: files by path below it; entry points by group.

    ``folder`` belongs on sys.path or PYTHONPATH; ``groups`` are named without "lunar_antenna.".
    """
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
    metadata = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for group, entries in groups.items():
        lines.append(f"[lunar_antenna.{group}]")
        lines += [f"{key} = {value}" for key, value in entries.items()]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder
