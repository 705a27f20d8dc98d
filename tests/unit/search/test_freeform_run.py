"""A free-form study that is stopped keeps what it has, in every stage."""

from __future__ import annotations

import pytest

from lunar_antenna.search.freeform.run import FreeformStudy
from lunar_antenna.search.freeform.settings import load_freeform

STUDY = """soil = "simple_eps35"
[freeform]
footprint = [10.0, 2.0]
gap = 0.2
tab = 0.06
cell = [0.8, 0.4]
points = 9
moves = 1
rounds = 1
polish = 3
[band]
points = 17
[[constraint]]
merit = "min_efficiency"
at_least = 0.05
"""


@pytest.mark.parametrize("stage", ["polish 1 of 3", "fine mesh"])
def test_ctrl_c_in_a_later_stage_keeps_the_best_so_far(tmp_path, stage):
    path = tmp_path / "free.toml"
    path.write_text(STUDY)
    folder = tmp_path / "out"
    folder.mkdir()

    def say(_, message):
        if message.startswith(stage):
            raise KeyboardInterrupt

    found = FreeformStudy(load_freeform(path), folder, say).run(resume=False)
    assert found.interrupted
    assert [item.stage for item in found.stages] == ["search", "polish"]
    assert found.best.evaluation.score >= found.stages[0].evaluation.score
    again = FreeformStudy(load_freeform(path), folder, lambda *_: None).run(resume=True)
    assert not again.interrupted
    assert [item.stage for item in again.stages] == ["search", "polish", "fine"]
