"""The notebooks run from top to bottom, are paired with their scripts, and stay small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = (
    "01_free_space_design",
    "02_on_the_regolith",
    "03_optimise_on_soil",
    "04_validate_prototype",
    "05_from_membrane_to_sky",
    "06_free_form_and_bounds",
    "07_array",
)
MOST_BYTES = 500_000


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_stored_outputs_are_complete_and_small(name):
    path = FOLDER / f"{name}.ipynb"
    assert path.stat().st_size < MOST_BYTES
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = [output["output_type"] for cell in cells for output in cell["outputs"]]
    assert "error" not in kinds
    streams = [o.get("name") for cell in cells for o in cell["outputs"]]
    assert "stderr" not in streams


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_script_and_notebook_are_the_same(name):
    import jupytext

    script = jupytext.read(FOLDER / f"{name}.py")
    notebook = jupytext.read(FOLDER / f"{name}.ipynb")
    assert [(c.cell_type, c.source) for c in script.cells] == [
        (c.cell_type, c.source) for c in notebook.cells
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(name, tmp_path):
    """In a kernel of its own, as a reader would; 10 to 45 s of processor time each."""
    done = subprocess.run(
        [
            sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute",
            "--ExecutePreprocessor.timeout=600", "--output-dir", str(tmp_path),
            str(FOLDER / f"{name}.ipynb"),
        ],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
