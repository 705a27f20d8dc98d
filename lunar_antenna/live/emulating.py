"""The emulator of soil and height, made by a process of its own, so that what moves stays quick.

Run as ``python -m lunar_antenna.live.emulating BOX.json EMULATOR.h5``.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..common.files import write_json
from ..emulation.box import Box
from ..emulation.build import emulate
from ..emulation.emulator import Emulator
from ..errors import LunarAntennaError
from ..problem import Problem

LATER = 10  # niceness: what moves comes first


class Emulating:
    """One emulator that is being made; found() is it once it is there."""

    def __init__(self, problem: Problem, over: Mapping[str, tuple[float, float]]) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        place = Path(self._folder.name)
        self._made = place / "emulator.h5"
        self._emulator: Emulator | None = None
        write_json(place / "box.json", Box.of(problem, over).to_dict())
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(place / "box.json"), str(self._made)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def found(self) -> Emulator | None:
        """None while it is made, and where it cannot be."""
        if self._emulator is None and self._process.poll() == 0 and self._made.is_file():
            with contextlib.suppress(LunarAntennaError):
                self._emulator = Emulator.load(self._made)
            self._folder.cleanup()
        return self._emulator

    def stop(self) -> None:
        """End the process, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


def main(box: str, out: str) -> int:
    """0 where the emulator was written."""
    made = Box.from_dict(json.loads(Path(box).read_text(encoding="utf-8")))
    over = {axis.name: (axis.range.low, axis.range.high) for axis in made.axes}
    try:
        emulate(made.problem, over, accuracy="draft").save(out)
    except LunarAntennaError:
        return 3
    return 0


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(LATER)
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(*sys.argv[1:]))
