"""Why a solution is not to be trusted, in the words of the command line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.cli.simulations import doubt
from lunar_antenna.solvers.protocol import MOST_ERROR, mesh_is_trusted


def doubtful(accuracy: str, error: float | None):
    made = solution()
    size = made.frequency.size
    given = None if error is None else np.full(size, error)
    return replace(
        made,
        quality=replace(made.quality, converged=False, z_error=given),
        provenance=replace(made.provenance, accuracy=accuracy),
    )


@pytest.mark.parametrize(
    ("accuracy", "tried"),
    [("draft", "--accuracy normal or another solver"), ("normal", "--accuracy fine or another"),
     ("fine", "try another solver"), ("such", "try another solver")],
)  # fmt: skip
def test_the_next_finer_accuracy_is_what_to_try(accuracy, tried):
    told = doubt(doubtful(accuracy, 0.137))
    assert told.startswith(": z_error 0.14 of |Z| in the median, allowed 0.1; try ")
    assert tried in told


@pytest.mark.parametrize("error", [None, 0.5 * MOST_ERROR])
def test_where_the_mesh_is_not_to_blame_the_notes_are(error):
    assert doubt(doubtful("normal", error)).startswith(", see quality and notes; try ")


def test_the_limit_that_is_told_is_the_one_that_judges():
    assert not mesh_is_trusted(np.array([MOST_ERROR]))
    assert "z_error" in doubt(doubtful("draft", MOST_ERROR))
