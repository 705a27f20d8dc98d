"""EDGES low-band blade over a metal plane: overlay, grades and numbers of one command.

The figure of docs/measurement.md; the command is printed first.  The fitted width of the port's
tab comes from edges_blade.py.  The file is then cut down to 64 colours.

Run: ``python docs/figures/edges_overlay.py``.
"""

from __future__ import annotations

import shlex
import sys

import common
from PIL import Image

from lunar_antenna.cli.main import run

NAME = "edges_overlay.png"


def main() -> None:
    measured = common.reference("measured/EDGES_low_blade_2015_342.s1p")
    arguments = [
        "compare", "edges_low_blade", str(measured), "--soil", "metal_plane", "--height", "1.04",
        "--band", "50:100", "--set", "port_width=0.099", "--delay-to", "simulation",
        "--out", str(common.IMAGES / NAME),
    ]  # fmt: skip
    print("lunar-antenna", shlex.join(arguments))
    code = run(arguments)
    if code == 0:
        with Image.open(common.IMAGES / NAME) as image:
            small = image.convert("RGB").quantize(64)
        small.save(common.IMAGES / NAME, optimize=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
