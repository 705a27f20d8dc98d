"""EDGES low-band blade over a metal plane: overlay, grades and numbers of one command.

The figure of docs/measurement.md; the command is printed first.  The fitted width of the port's
tab comes from edges_blade.py.  The file is then cut down to 64 colours.

Run: ``python docs/figures/edges_overlay.py``.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import common
from PIL import Image

from lunar_antenna.cli.main import run

NAME = "edges_overlay.png"
BESIDE = """kind = "measured"
who = "EDGES collaboration"
when = "day 342 of 2015"
license = "MIT"
url = "https://github.com/edges-collab/alans-pipeline"
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder) / "EDGES_low_blade_2015_342.s1p"
        shutil.copyfile(common.reference(f"measured/{measured.name}"), measured)
        measured.with_suffix(".toml").write_text(BESIDE, encoding="utf-8")
        sys.exit(draw(measured))


def draw(measured: Path) -> int:
    """Run the command, then cut its picture down; its exit code."""
    arguments = [
        "compare", "edges_low_blade", str(measured), "--soil", "metal_plane", "--height", "1.04",
        "--band", "50:100", "--set", "port_width=0.097", "--delay-to", "simulation",
        "--out", str(common.IMAGES / NAME),
    ]  # fmt: skip
    print(
        "lunar-antenna", shlex.join([measured.name if a == str(measured) else a for a in arguments])
    )
    code = run(arguments)
    if code == 0:
        with Image.open(common.IMAGES / NAME) as image:
            small = image.convert("RGB").quantize(64)
        small.save(common.IMAGES / NAME, optimize=True)
    return code


if __name__ == "__main__":
    main()
