"""Which layouts fall apart into models of their own, which share one, how answers are joined."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from shapely.affinity import rotate, translate
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.geometry.layout import Gap, Layout, Port
from lunar_antenna.geometry.relief import Relief, Sag, Tilt, Wrinkle
from lunar_antenna.radiation import CurrentElements
from lunar_antenna.solution import CurrentShape
from lunar_antenna.solvers.openems.assembly import MATRICES, Outcome, merged
from lunar_antenna.solvers.openems.fields.evaluate import Answer
from lunar_antenna.solvers.openems.model import estimate
from lunar_antenna.solvers.openems.model.accuracy import ACCURACY
from lunar_antenna.solvers.openems.model.mesh import build_grid
from lunar_antenna.solvers.openems.model.plan import make_plan
from lunar_antenna.solvers.openems.model.scene import prepare
from lunar_antenna.solvers.openems.model.split import Part, Use, quarter_turned, same_layout, split
from lunar_antenna.solvers.openems.model.symmetry import Symmetry, find_symmetry
from lunar_antenna.solvers.openems.preview import preview
from lunar_antenna.solvers.openems.solver import OpenEmsSolver

SOIL = la.Stack.half_space(3.5, conductivity=1e-4)
BOTH = (Use((0,)), Use((1,), True))


def cross(
    east: float = 3.0, north: float = 3.0, *, west: float | None = None, south: float | None = None
) -> Layout:
    """Four strips 0.5 m wide round a hub; lengths from the middle, m.  Port 1 along x."""
    hub, end, half = 0.4, 0.65, 0.25
    arms = (
        box(end, -half, east, half),
        box(-(west or east), -half, -end, half),
        box(-half, end, half, north),
        box(-half, -(south or north), half, -end),
        box(-hub, -hub, hub, hub),
    )
    at = (hub + end) / 2.0
    ports = (
        Port(tuple(Gap(x, 0.0, end - hub, 0.5) for x in (-at, at)), "1"),
        Port(tuple(Gap(0.0, y, end - hub, 0.5, math.pi / 2) for y in (-at, at)), "2"),
    )
    return Layout("cross", arms, ports)


def problem(layout: Layout, height: float = 0.3) -> la.Problem:
    return la.Problem(layout, SOIL, height, la.Band.mhz(10, 30, 3))


def whole(layout: Layout) -> bool:
    """Whether the layout is solved as it is."""
    parts = split(problem(layout))
    return len(parts) == 1 and parts[0].problem.layout is layout


def test_crossed_bowtie_is_one_quarter_for_both_ports():
    layout = la.load_geometry("crossed_bowtie")
    (part,) = split(problem(layout))
    assert part.uses == BOTH
    assert part.ports == "ports 1 and 2"
    own = part.problem.layout
    assert find_symmetry(own) == Symmetry(True, True)
    assert len(own.ports) == 1
    turned = quarter_turned(replace(layout, ports=layout.ports[1:]))
    assert same_layout(own, turned)
    scene = prepare(part.problem, "draft")
    assert len(scene.gaps) == 1  # the other one is its image
    assert scene.series.tolist() == [[1.0]]


def test_unequal_arms_are_two_models():
    first, second = split(problem(cross(3.0, 2.5)))
    assert [part.uses for part in (first, second)] == [BOTH[:1], BOTH[1:]]
    assert first.problem.layout.bounds == (-3.0, -2.5, 3.0, 2.5)
    assert second.problem.layout.bounds == (-2.5, -3.0, 2.5, 3.0)
    for part in (first, second):
        assert find_symmetry(part.problem.layout) == Symmetry(True, True)
        (gap,) = prepare(part.problem, "draft").gaps
        assert (gap.axis, gap.sign) == (0, 1.0)


def test_one_mirror_plane_is_enough():
    """An arm longer than its opposite: halves, with both gaps of the port on that line."""
    first, second = split(problem(cross(3.0, 3.0, south=2.5)))
    assert find_symmetry(first.problem.layout) == Symmetry(True, False)
    assert find_symmetry(second.problem.layout) == Symmetry(False, True)
    scenes = [prepare(part.problem, "draft") for part in (first, second)]
    assert [len(scene.gaps) for scene in scenes] == [1, 2]
    assert scenes[1].series.tolist() == [[1.0], [1.0]]


def moved(layout: Layout, x: float) -> Layout:
    ports = tuple(
        Port(tuple(replace(gap, x=gap.x + x) for gap in port.gaps), port.name)
        for port in layout.ports
    )
    arms = tuple(translate(item, x) for item in layout.conductors)
    return replace(layout, conductors=arms, ports=ports)


def opposed(layout: Layout) -> Layout:
    """The second gap of port 1 reversed: the arms push instead of pull."""
    first, other = layout.ports[0].gaps
    return replace(
        layout, ports=(Port((first, replace(other, angle=math.pi)), "1"), layout.ports[1])
    )


def slanted(layout: Layout) -> Layout:
    """Arms bent out of both mirror planes."""
    tip = rotate(box(3.0, -0.25, 4.0, 0.25), 30.0, origin=(3.0, 0.0))
    turned = [rotate(tip, 90.0 * k, origin=(0.0, 0.0)) for k in range(4)]
    return replace(layout, conductors=(*layout.conductors, *turned))


@pytest.mark.parametrize(
    "layout",
    [
        moved(cross(), 0.01),
        opposed(cross()),
        slanted(cross()),
        cross(3.0, 3.0, west=2.5, south=2.5),
        replace(cross(), relief=Relief((Tilt(0.02, math.pi / 4),))),
        replace(cross(), relief=Relief((Wrinkle(0.02, 3.0, 0.4),))),
    ],
    ids=["off centre", "opposed gaps", "bent", "unequal arms", "tilted", "wrinkled"],
)
def test_no_symmetry_no_split(layout):
    assert whole(layout)
    assert build_grid(problem(layout), "draft").symmetry == Symmetry()


@pytest.mark.parametrize("name", ["bent", "bowtie", "folded", "strip"])
def test_one_port_along_x_is_as_it_was(name):
    assert whole(la.load_geometry(name))


def test_film_and_relief_count():
    """A film longer to the north spoils one plane; one longer in y only makes two models of one."""
    bare = la.load_geometry("crossed_bowtie")
    assert len(split(problem(replace(bare, film_outline=box(-6.0, -7.0, 6.0, 7.0))))) == 2
    lopsided = replace(bare, film_outline=box(-6.0, -6.0, 6.0, 7.0))
    found = [find_symmetry(part.problem.layout) for part in split(problem(lopsided))]
    assert found == [Symmetry(True, False), Symmetry(False, True)]
    assert whole(replace(bare, film_outline=box(-6.0, -6.0, 7.0, 7.0)))
    trough = replace(bare, relief=Relief((Sag(0.1, 12.0),)))
    bowl = replace(bare, relief=Relief((Sag(0.1, 12.0), Sag(0.1, 12.0, direction=math.pi / 2))))
    assert [len(split(problem(layout))) for layout in (trough, bowl)] == [2, 1]


def test_quarter_turn_carries_the_relief():
    """z of the turned layout at (y, -x) is z of the layout at (x, y)."""
    relief = Relief((Sag(0.1, 12.0, 2, 0.3, 0.5), Wrinkle(0.02, 3.0, 1.0, 0.2)), 0.05)
    turned = quarter_turned(replace(cross(), relief=relief)).relief
    assert turned is not None
    x, y = np.meshgrid(np.linspace(-3.0, 3.0, 13), np.linspace(-3.0, 3.0, 11))
    assert turned.elevation(y, -x) == pytest.approx(relief.elevation(x, y), abs=1e-12)


def test_a_port_along_y_gets_its_quarter():
    strip = la.load_geometry("strip")
    turned = replace(
        strip,
        conductors=tuple(rotate(c, 90.0, origin=(0.0, 0.0)) for c in strip.conductors),
        ports=(Port((replace(strip.gaps[0], angle=math.pi / 2),)),),
    )
    (part,) = split(problem(turned))
    assert part.uses == (Use((0,), True),)
    meshes = [prepare(p, "draft").grid for p in (part.problem, problem(strip))]
    assert meshes[0].symmetry == Symmetry(True, True)
    for axis in range(3):
        assert meshes[0].axis(axis) == pytest.approx(meshes[1].axis(axis), abs=1e-12)
    assert "turned by 90 degrees" in preview(problem(turned), "draft").lines()[0]


def test_series_gaps_beside_the_wall():
    """The gap is a whole one, off the wall in the hub's middle, between its exact lines."""
    (part,) = split(problem(cross()))
    scene = prepare(part.problem, "draft")
    (gap,) = scene.gaps
    x = scene.grid.x
    assert x[0] == 0.0
    assert gap.start > 0
    assert (x[gap.start], x[gap.stop]) == pytest.approx((0.4, 0.65))


def test_cost_and_preview_tell_the_split():
    shared, apart = (problem(layout) for layout in (cross(), cross(3.0, 2.5)))
    text = "\n".join(preview(shared, "draft").lines())
    assert "ports 1 and 2 uncoupled by symmetry and alike: one model" in text
    assert "1 run of" in text
    assert "1/4 of the model by symmetry" in text
    shown = preview(apart, "draft")
    text = "\n".join(shown.lines())
    models = shown.plan.models
    assert "port 1: mesh" in text
    assert "port 2: mesh" in text
    assert "2 runs of up to" in text
    assert shown.cost.runs == 2
    assert shown.cost.cells == max(model.scene.grid.cells for model in models)
    assert shown.cost.seconds == pytest.approx(sum(model.cost.seconds for model in models))
    assert shown.coarse is not None
    assert f"before it for z_error: up to {shown.coarse.cells} cells" in text
    full = estimate.estimate(prepare(apart, "draft"), ACCURACY["draft"])
    assert full.runs == 4
    assert shown.cost.seconds < 0.25 * full.seconds


def test_too_long_together_is_refused(monkeypatch):
    """Each model alone would be allowed, both are not."""
    apart = problem(cross(3.0, 2.5))
    costs = [model.cost.seconds for model in make_plan(apart, "draft").models]
    monkeypatch.setattr(estimate, "MAX_SECONDS", 0.5 * (max(costs) + sum(costs)))
    assert "allowed" in (OpenEmsSolver().refusal(apart) or "")
    assert OpenEmsSolver().refusal(problem(cross())) is None


def answer(seed: int) -> Answer:
    """One port, two frequencies, three elements at random."""
    draw = np.random.default_rng(seed)

    def values(*shape: int) -> np.ndarray:
        return draw.normal(size=shape) + 1j * draw.normal(size=shape)

    matrices = {name: values(2, 1, 1) for name in MATRICES}
    shape = CurrentShape(
        draw.random(3), position=draw.normal(size=(3, 3)), density=values(2, 1, 3, 3)
    )
    elements = CurrentElements(draw.normal(size=(3, 3)), values(2, 1, 3, 3))
    return Answer(
        **matrices, elements=elements, shape=shape, reciprocity=0.1 * seed, sky_from_faces=0.2
    )


def outcome(part: Part, seed: int) -> Outcome:
    model = replace(make_plan(part.problem, "draft").models[0], part=part)
    return Outcome(model, answer(seed), (), True, None, None, None, {}, ())


def test_answers_are_joined_without_coupling():
    layout = cross(3.0, 2.5)
    parts = split(problem(layout))
    outcomes = [outcome(part, seed) for seed, part in enumerate(parts, 1)]
    joined = merged(2, outcomes)
    for name in MATRICES:
        matrix = getattr(joined, name)
        assert matrix.shape == (2, 2, 2)
        assert np.all(matrix[:, [0, 1], [1, 0]] == 0.0)
        for port, item in enumerate(outcomes):
            assert np.array_equal(matrix[:, port, port], getattr(item.answer, name)[:, 0, 0])
    assert joined.reciprocity == pytest.approx(0.2)
    first, second = (item.answer.elements for item in outcomes)
    assert np.array_equal(joined.elements.position[:3], first.position)
    assert np.array_equal(joined.elements.electric[:, 0, :3], first.electric[:, 0])
    assert np.all(joined.elements.electric[:, 0, 3:] == 0.0)
    assert np.all(joined.elements.electric[:, 1, :3] == 0.0)
    # the second model's x axis is the problem's y axis
    moved_to = joined.elements.position[3:]
    assert np.array_equal(moved_to[:, 1], second.position[:, 0])
    assert np.array_equal(moved_to[:, 0], -second.position[:, 1])
    moments = joined.elements.electric[:, 1, 3:]
    assert np.array_equal(moments[..., 1], second.electric[:, 0, :, 0])
    assert np.array_equal(moments[..., 0], -second.electric[:, 0, :, 1])
    assert np.array_equal(moments[..., 2], second.electric[:, 0, :, 2])
    shape = outcomes[1].answer.shape
    assert np.array_equal(joined.shape.weight[3:], shape.weight)
    assert joined.shape.density[:, 1, 3:, 1] == pytest.approx(shape.density[:, 0, :, 0])


def test_one_answer_serves_both_ports():
    (part,) = split(problem(cross()))
    joined = merged(2, [outcome(part, 1)])
    assert np.array_equal(joined.z[:, 0, 0], joined.z[:, 1, 1])
    assert joined.elements.position.shape == (6, 3)
    assert np.array_equal(
        joined.elements.electric[:, 0, :3, 0], joined.elements.electric[:, 1, 3:, 1]
    )


def test_an_answer_of_the_whole_is_left_alone():
    (part,) = split(problem(la.load_geometry("strip")))
    item = outcome(part, 1)
    assert merged(1, [item]) is item.answer
