"""What the figure scripts share: where reference data are found and where figures go.

Each script in this folder makes one figure of docs/validation.md and prints the numbers that the
text quotes.  Run one with ``python docs/figures/NAME.py``.  Reference data that are not part of
the repository are looked for in the folder LUNAR_ANTENNA_SHARED, or in ``shared`` beside the
repository.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

# One thread for linear algebra: on matrices of this size thread pools fight.  Set before numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"


def reference(name: str) -> Path:
    """A reference file; ends the script with a clear line where it is absent."""
    folder = Path(os.environ.get("LUNAR_ANTENNA_SHARED", ROOT.parent / "shared"))
    path = folder / name
    if not path.exists():
        sys.exit(f"reference data {name} not found; set LUNAR_ANTENNA_SHARED to its folder")
    return path


def save(figure: object, name: str) -> None:
    """Write ``name`` to docs/images and say how large it is."""
    from lunar_antenna.plotting.save import save_figure

    path = save_figure(figure, IMAGES / name, dpi=130.0)  # type: ignore[arg-type]
    print(f"wrote {path.relative_to(ROOT)}, {path.stat().st_size / 1000:.0f} kB")
