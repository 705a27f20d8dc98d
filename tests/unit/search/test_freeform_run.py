"""A free-form study that is stopped keeps what it has, in every stage."""

from __future__ import annotations

import pytest
from shapely.geometry import Polygon

from lunar_antenna.errors import InputError
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


DRAWN = STUDY.replace(
    "rounds = 1", 'rounds = 0\nstart = "START"\npolish_mesh = "draft"\nfine = false'
)
ARMS = """family = "free"
metal = "copper_18um"
[[polygon]]
points = [[0.1, -0.1], [0.1, 0.1], [1.5, 1.0], [4.5, 1.0], [4.5, -1.0], [1.5, -1.0]]
[[polygon]]
points = [[-0.1, -0.1], [-0.1, 0.1], [-1.5, 1.0], [-4.5, 1.0], [-4.5, -1.0], [-1.5, -1.0]]
[[gap]]
x = 0.0
y = 0.0
length = 0.2
width = 0.06
"""


def drawn(tmp_path, arms=ARMS, study=DRAWN):
    (tmp_path / "arms.toml").write_text(arms)
    path = tmp_path / "free.toml"
    path.write_text(study.replace("START", "arms.toml"))
    return FreeformStudy(load_freeform(path), tmp_path, lambda *_: None)


def test_a_drawn_outline_is_polished_without_cells(tmp_path):
    """The arms as they are drawn are the first design; what follows is no worse and goes on."""
    study = drawn(tmp_path)
    found = study.run(resume=False)
    rings = [row["points"] for row in study.rounds[0].spec["polygon"]]
    assert sorted(Polygon(ring).area for ring in rings) == pytest.approx([7.54, 7.54])
    search, polish = found.stages
    assert [search.stage, polish.stage] == ["search", "polish"]
    assert polish.evaluation.score > search.evaluation.score
    more = DRAWN.replace("polish = 3", "polish = 4")
    again = drawn(tmp_path, study=more).run(resume=True)
    assert again.stages[0].evaluation.score == search.evaluation.score
    assert again.stages[1].evaluation.score >= polish.evaluation.score


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"study": DRAWN.replace("polish = 3", "polish = 0")}, "rounds = 0 leaves the metal"),
        ({"study": DRAWN.replace('start = "START"', "")}, "rounds = 0 leaves the metal"),
        ({"arms": ARMS.replace("[4.5, 1.0]", "[4.4, 1.0]")}, "start differs from its mirror image"),
        ({"study": DRAWN.replace("gap = 0.2", "gap = 0.4")}, "start has metal in the gap of 0.4 m"),
        ({"study": DRAWN.replace("[10.0, 2.0]", "[8.0, 2.0]")}, "start is 9 m x 2 m"),
        ({"study": DRAWN.replace('"draft"', '"fine"')}, "polish_mesh = 'fine'"),
    ],
)  # fmt: skip
def test_a_drawn_outline_that_cannot_be_polished_is_one_line(tmp_path, change, told):
    with pytest.raises(InputError, match=told):
        drawn(tmp_path, **change).run(resume=False)
