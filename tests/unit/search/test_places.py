"""Places searched: what is kept, what is taken back, and going on where it stopped."""

import json
import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.search.places import climb as climbing

RADIUS, LEAST = 12.0, 6.0


def array(places=((0.0, 0.0), (6.5, 0.0), (0.0, 7.0))):
    layout = la.load_geometry("strip", length=5.0, width=0.3, gap=0.05)
    return la.Array(layout, places, la.Stack.half_space(3.0, loss_tangent=0.02), 0.1,
                    la.Band([20e6]))  # fmt: skip


def search(**options):
    told = {"radius": RADIUS, "least_distance": LEAST, "random": 4, "moves": 12}
    return la.arrange(array(), **{**told, **options})


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places") / "out"
    return search(out=folder), folder


def test_the_best_of_all_layouts_is_found_and_keeps_its_distance(found):
    result, _ = found
    values = result.values()
    assert values.size == 17
    assert result.value == np.nanmin(values)
    assert result.value < np.nanmin(values[:5])  # moves are of use
    places = result.array.positions
    assert np.hypot(*places.T).max() <= RADIUS
    assert min(math.dist(a, b) for k, a in enumerate(places) for b in places[:k]) >= LEAST
    # solved with other grids and functions, and its errors stated
    assert result.solved == pytest.approx(result.value, abs=2e-3)
    assert result.solution.quality.details["error_z"][0] < 2e-3
    assert "Arrangement of 3 elements" in repr(result)
    assert len(result._repr_png_()) > 10_000


def test_the_folder_holds_the_layout(found):
    result, folder = found
    names = {item.name for item in folder.iterdir()}
    assert names == {"layouts.jsonl", "best.csv", "best.h5", "arrangement.json"}
    rows = [line.split(",") for line in (folder / "best.csv").read_text().splitlines()[1:]]
    assert [[float(x), float(y)] for x, y, _, _ in rows] == result.array.positions.tolist()
    assert la.load_array_solution(folder / "best.h5").array.digest == result.array.digest
    told = json.loads((folder / "arrangement.json").read_text())
    assert told["value"] == result.value
    assert told["moves"]["count"] == 12
    assert told["moves"]["seconds_per_layout"] > 0.0


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(found, tmp_path, monkeypatch):
    whole, _ = found
    judged = climbing.Climb._judged
    calls = []

    def stopped(self, made):
        calls.append(1)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return judged(self, made)

    with monkeypatch.context() as patch:
        patch.setattr(climbing.Climb, "_judged", stopped)
        first = search(out=tmp_path)
    assert first.interrupted
    assert first.solution is None
    assert 7 < len(first.tried) < 17
    with (tmp_path / "layouts.jsonl").open("a") as file:
        file.write('{"kind": "mo')  # a line that a kill cut short
    again = search(out=tmp_path, resume=True)
    assert not again.interrupted
    assert [row.positions for row in again.tried] == [row.positions for row in whole.tried]
    np.testing.assert_allclose(again.values(), whole.values(), rtol=1e-12)
    assert np.array_equal(again.array.positions, whole.array.positions)
    with pytest.raises(la.InputError, match="holds another search"):
        search(out=tmp_path, resume=True, seed=2)
    with pytest.raises(la.InputError, match="--resume goes on with it"):
        search(out=tmp_path)


def test_a_layout_of_its_own_that_is_too_close_is_no_answer():
    close = array(((0.0, 0.0), (0.0, 1.0), (7.0, 0.0)))
    result = la.arrange(close, radius=RADIUS, least_distance=LEAST, random=1, moves=0)
    assert result.tried[0].value is not None
    assert result.value == result.tried[1].value


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"radius": None}, "no radius of the search"),
        ({"radius": -1.0}, "radius = -1 m is outside"),
        ({"radius": 2.0}, "not found room for"),
        ({"random": 0, "moves": 0}, "nothing is searched"),
        ({"random": 1.5}, "random"),
        ({"merit": "band_ratio"}, "merit band_ratio is not of an array; allowed: active_refl"),
        ({"merit": "activ"}, "merit 'activ' is not known"),
        ({"merit": {"merit": "embedded_pattern", "band_mhz": [25, 30]}}, "none of the array's 1"),
        ({"merit": {"merit": "active_reflection", "port": 2}}, "the element has 1"),
        ({"z0": 0.0}, "z0 = 0 ohm"),
        ({"accuracy": "best"}, "accuracy"),
        ({"resume": True}, "resume without out"),
    ],
)
def test_what_cannot_be_searched_is_told(options, words):
    with pytest.raises(la.InputError, match=words):
        search(**{"moves": 0, "random": 1, **options})


def test_one_element_has_no_places():
    with pytest.raises(la.InputError, match="one element"):
        la.arrange(array(((0.0, 0.0),)), radius=5.0, least_distance=1.0)
