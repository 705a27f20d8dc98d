"""Study files: everything that can be said in one, and what is told about a wrong one."""

from __future__ import annotations

import math

import pytest

import lunar_antenna as la
from lunar_antenna.errors import GeometryError, InputError, MissingEngineError
from lunar_antenna.geometry.spec import geometry_names, read_spec
from lunar_antenna.search.study.evaluate import Evaluator
from lunar_antenna.search.study.file import load_study
from lunar_antenna.search.study.stages import Stages

STUDIES = ("published_band", "published_band_4m", "published_pareto", "published_robust")

FULL = """
geometry = "strip"
soil = "simple_eps35"
height = 0.05
solver = "planar"
accuracy = "draft"
[parameters]
gap = 0.05
metal = "copper_18um"
[parameters.film]
name = "polyimide_50um"
[search]
length = [6.0, 12.0]
width = [0.01, 0.4, "log"]
height = [0.0, 0.1]
[band]
mhz = [4.0, 36.0]
points = 33
[port]
load = 50.0
turns = [1.0, 3.0]
[[port.network]]
element = "series L"
range = [1e-8, 1e-5]
[[objective]]
merit = "band_ratio"
threshold = 0.8
[[objective]]
merit = "film_mass"
[[constraint]]
merit = "min_efficiency"
band_mhz = [5.0, 35.0]
at_least = 0.1
[robust]
arm_errors = [0.0, 0.01]
[stages]
check = 5
fine = false
[sampler]
name = "nsga2"
trials = 50
seed = 7
[source]
text = "everything"
"""


def written(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text)
    return path


def test_everything_that_a_study_can_say(tmp_path):
    settings = load_study(written(tmp_path, FULL))
    plan = settings.plan()
    evaluator = plan.evaluator
    assert plan.space.to_dict() == {
        "length": [6.0, 12.0],
        "width": [0.01, 0.4, "log"],
        "height": [0.0, 0.1],
        "network.1": [1e-8, 1e-5, "log"],
        "z0": [50.0, 450.0, "log"],  # several objectives: no single best one
    }
    assert (plan.trials, plan.seed, plan.sampler) == (50, 7, "nsga2")
    assert plan.stages == Stages(check=5, fine=False)
    assert evaluator.stack.name == "simple_eps35"
    assert evaluator.band.frequency.size == 33
    assert evaluator.goals.objectives[0].threshold == 0.8
    problem = evaluator.problem({"length": 9.0, "width": 0.1, "height": 0.02, "z0": 100.0})
    assert (problem.height, problem.layout.parameters["gap"]) == (0.02, 0.05)
    assert problem.layout.metal.name == "copper_18um"
    assert problem.layout.film.name == "polyimide_50um"
    assert len(evaluator.problems({"length": 9.0})) == 2
    again = Evaluator.from_dict(evaluator.to_dict())
    assert again.to_dict() == evaluator.to_dict()


def test_a_geometry_is_its_own_study_and_nothing_more():
    """The search alone: widest band, floor of 0.1, free z0 of 25-600 ohm, as without a study."""
    plan = load_study("bowtie").plan()
    assert plan.space.to_dict() == {"length": [6.0, 16.0], "width": [0.5, 4.0]}
    assert plan.stages == Stages(check=0, fine=False)
    assert plan.evaluator.port.to_dict()["z0"] == [25.0, 600.0]
    labels = [item.label for item in plan.evaluator.goals.merits]
    assert labels == ["band_ratio(mismatch >= 0.9)", "min_efficiency(mismatch, 5-35 MHz)"]
    assert plan.evaluator.stack.is_free_space


@pytest.mark.parametrize("name", STUDIES)
def test_shipped_studies_can_start(name):
    plan = load_study(name).plan()
    assert plan.evaluator.stack.name == "simple_eps35"
    start = plan.evaluator.problem(plan.space.start).layout
    x0, y0, x1, y1 = start.bounds
    assert (start.metal.name, start.film.name) == ("copper_18um", "polyimide_50um")
    assert x1 - x0 <= 10.0 + 1e-9
    assert y1 - y0 <= (4.0 if "4m" in name else 2.0) + 1e-9


@pytest.mark.parametrize("name", STUDIES[:2])
def test_shipped_footprints_hold_for_every_corner_of_the_search(name):
    plan = load_study(name).plan()
    largest = {item.name: item.high for item in plan.space.variables}
    x0, y0, x1, y1 = plan.evaluator.problem(largest).layout.bounds
    assert x1 - x0 <= 10.0 + 1e-9
    assert y1 - y0 <= (4.0 if "4m" in name else 2.0) + 1e-9


def test_studies_stand_beside_geometries_without_being_taken_for_them():
    assert not set(STUDIES) & set(geometry_names())
    with pytest.raises(GeometryError, match="is a study of geometry 'membrane_10m'; run lunar"):
        read_spec("published_band")
    with pytest.raises(GeometryError, match="optimize published_band"):
        la.load_geometry("published_band")


def test_paths_are_looked_for_beside_the_study(tmp_path, monkeypatch):
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "own.toml").write_text('family = "strip"\n[search]\nlength = [6.0, 12.0]\n')
    (folder / "ground.toml").write_text("[[layer]]\neps_r = 2.7\n")
    path = folder / "study.toml"
    path.write_text('geometry = "own.toml"\nsoil = "ground.toml"\n')
    monkeypatch.chdir(tmp_path)
    plan = load_study(path).plan()
    assert plan.evaluator.stack.layers[0].eps_r == 2.7
    assert plan.space.names == ("length",)


def test_layers_may_be_written_into_the_study(tmp_path):
    layers = "[[stack.layer]]\nthickness = 2.0\neps_r = 2.5\n[[stack.layer]]\neps_r = 6\n"
    stack = load_study(written(tmp_path, STRIP + layers)).stack
    assert [layer.eps_r for layer in stack.layers] == [2.5, 6.0]
    assert stack.layers[0].thickness == 2.0


def test_later_stages_do_not_change_the_study_that_goes_on(tmp_path):
    settings = load_study(written(tmp_path, FULL))
    other = settings.changed(stages=Stages(check=1))
    screened = settings.changed(stages=Stages(screen_trials=10))
    assert other.plan().fingerprint == settings.plan().fingerprint
    short, long = (load_study("bowtie").changed(trials=count).plan() for count in (50, 500))
    assert short.fingerprint == long.fingerprint  # more trials of the same study
    assert screened.plan().fingerprint != settings.plan().fingerprint


def test_modifiers_may_be_written_as_tables(tmp_path):
    text = STRIP + "[parameters.coupled]\nwidth = 0.3\n[search.coupled]\nlength = [2.0, 5.0]\n"
    plan = load_study(written(tmp_path, text)).plan()
    assert plan.space.names == ("coupled.length",)
    layout = plan.evaluator.problem({"coupled.length": 3.0}).layout
    assert layout.parameters["coupled"]["width"] == 0.3
    assert layout.parameters["coupled"]["length"] == 3.0


def test_whole_numbered_parameters_are_searched_as_such(tmp_path):
    text = 'geometry = "profile"\n[search]\nsamples = [9, 25]\nlength = [6.0, 12.0]\n'
    variables = load_study(written(tmp_path, text)).plan().space.variables
    assert [item.integer for item in variables] == [True, False]


STRIP = 'geometry = "strip"\n'
WRONG = {
    "unknown key": (STRIP + "soils = 3", "unknown key 'soils'; did you mean 'soil'"),
    "unknown geometry": ('geometry = "spiral"', "'spiral' is neither a file nor shipped"),
    "geometry of numbers": ("geometry = 3", "geometry = 3 is not text"),
    "a study of a study": ('geometry = "published_band"', "is a study"),
    "unknown merit": (STRIP + '[[objective]]\nmerit = "beauty"', "merit 'beauty' is not known"),
    "merit parameter": (
        STRIP + '[[objective]]\nmerit = "band_ratio"\nband = 3', "unknown key 'band'; allowed: eff",
    ),
    "objective as table": (STRIP + '[objective]\nmerit = "band_ratio"', r"write \[\[objective\]\]"),
    "constraint without bound": (
        STRIP + '[[constraint]]\nmerit = "min_efficiency"', "at_least or at_most",
    ),
    "twice": (STRIP + '[[objective]]\nmerit = "band_ratio"\n' * 2, "given twice"),
    "band upside down": (STRIP + "[band]\nmhz = [35, 5]", r"mhz = \[35, 5\] is empty"),
    "band of a word": (STRIP + '[band]\nmhz = "HF"', "mhz = 'HF' is not a range"),
    "band beyond the goals": (STRIP + "[band]\nmhz = [10, 30]", "does not cover min_efficiency"),
    "too few points": (STRIP + "[band]\npoints = 5", "5 frequencies are too few"),
    "search of nothing": (STRIP + "[search]\n[parameters]", "nothing to search"),
    "search of the unknown": (STRIP + "[search]\nbeauty = [1, 2]", "no parameter 'beauty'"),
    "search upside down": (STRIP + "[search]\nlength = [9, 6]", r"\[search\] length"),
    "fixed and unknown": (STRIP + "[parameters]\nbeauty = 1", "no parameter 'beauty'"),
    "two soils": (STRIP + 'soil = "ce5_mare"\n[stack]', "both given"),
    "no layers": (STRIP + "[stack]", r"write at least one \[\[stack.layer\]\]"),
    "layer key": (STRIP + "[[stack.layer]]\neps = 3", "stack.layer 1 has unknown key 'eps'"),
    "height of a word": (STRIP + 'height = "low"', "height = 'low'"),
    "robust key": (STRIP + "[robust]\nmoons = 2", "moons"),
    "stages key": (STRIP + "[stages]\nrough = 2", r"\[stages\] has unknown key 'rough'"),
    "half a check": (STRIP + "[stages]\ncheck = 2.5", "not a whole number"),
    "confirmed by itself": (
        STRIP + 'solver = "nec"\n[parameters]\nwidth = 0.2\n[search]\nlength = [6.0, 12.0]\n'
        '[stages]\nconfirm = "nec"', "is the solver of the search",
    ),
    "sampler for a front": (STRIP + '[sampler]\nname = "nsga2"', "for several objectives"),
    "unknown sampler": (STRIP + '[sampler]\nname = "simplex"', "'simplex' is not known"),
    "points as text": (STRIP + '[band]\npoints = "61"', r"study.toml: \[band\] points = '61'"),
    "true points": (STRIP + "[band]\npoints = true", r"study.toml: \[band\] points = True"),
    "list of a height": (STRIP + "height = [0.5]", r"study.toml: height = \[0.5\]"),
    "height beyond floats": (STRIP + "height = 1e999", "study.toml is not valid TOML.*1e999"),
    "seed of 400 digits": (f"{STRIP}[sampler]\nseed = 1{'0' * 400}", r"\[sampler\] seed is too"),
    "q of text": (
        STRIP + '[[port.network]]\nelement = "series L"\nvalue = 1e-6\nq = "9"',
        "study.toml: port.network 1: q = '9' is not a number",
    ),
    "turns beyond sense": (STRIP + "[port]\nload = 50.0\nturns = 1e300", r"turns = 1e\+300 is out"),
    "robust text": (STRIP + '[robust]\nheights = ["0.1"]', r"\[robust\] heights\[0\] ="),
    "soil of a layer": (
        STRIP + '[[stack.layer]]\neps_r = "3"', "study.toml: stack.layer 1: eps_r = '3'",
    ),
    "two losses": (
        STRIP + "[[stack.layer]]\neps_r = 3\nloss_tangent = 0.01\nconductivity = 1e-4",
        "study.toml: stack.layer 1 has loss_tangent and conductivity",
    ),
    "merit of text": (
        STRIP + '[[objective]]\nmerit = "band_ratio"\nthreshold = "0.9"',
        "study.toml: objective 1: band_ratio threshold = '0.9' is not a number",
    ),
    "parameter of text": (STRIP + '[search]\nlength = ["6", 9]', r"study.toml: \[search\] length"),
    "network under noise": (
        STRIP + '[[objective]]\nmerit = "noise_ratio"\n[[port.network]]\nelement = "series L"\n'
        "value = 1e-6", "preamplifier at the terminals",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_study_is_one_line_that_names_the_key(name, tmp_path):
    text, told = WRONG[name]
    with pytest.raises(InputError, match=told) as caught:
        load_study(written(tmp_path, text)).plan()
    assert "\n" not in str(caught.value)


def test_the_engine_of_the_confirmation_is_looked_for_before_the_search(tmp_path, monkeypatch):
    from lunar_antenna.solvers.openems.solver import OpenEmsSolver

    monkeypatch.setattr(OpenEmsSolver, "missing", lambda _: "openEMS is absent; install it")
    path = written(tmp_path, STRIP + '[stages]\nconfirm = "openems"')
    with pytest.raises(MissingEngineError, match="openEMS is absent"):
        load_study(path).plan()


MATCHED = (
    STRIP + "[parameters]\nwidth = 0.2\n[search]\nlength = [6.0, 12.0]\n[band]\npoints = 31\n"
    '[[objective]]\nmerit = "min_efficiency"\nband_mhz = [12.9, 13.1]\n[port]\n'
)


def test_a_network_of_the_study_matches_what_the_antenna_is_not(tmp_path):
    """A strip of 8 m is capacitive at 13 MHz: the series coil that cancels its reactance, at
    z0 = R, takes the mismatch efficiency at 13 MHz to 1; over +-0.1 MHz a little is left."""
    network = (
        'z0 = [5.0, 600.0]\n[[port.network]]\nelement = "series L"\nrange = [1e-9, 1e-4]\nq = 1e9\n'
    )
    evaluator = load_study(written(tmp_path, MATCHED + network)).plan().evaluator
    design = {"length": 8.0, "network.1": 1e-9}
    problem = evaluator.problem(design)
    z = la.solve(problem, evaluator.solver, accuracy="draft").input_impedance()[8]
    assert problem.frequency[8] == pytest.approx(13e6)
    assert z.imag < -100.0
    coil = -z.imag / (2.0 * math.pi * 13e6)
    plain, matched = (evaluator.evaluate({**design, "network.1": value}) for value in (1e-9, coil))
    assert plain.score < 0.7
    assert matched.score > 0.98
    assert matched.z0 == pytest.approx(z.real, rel=0.02)


def test_a_transformer_is_the_same_as_its_range_of_z0(tmp_path):
    turns = load_study(written(tmp_path, MATCHED + "load = 50.0\nturns = [1.0, 3.0]\n")).plan()
    plain = load_study(written(tmp_path, MATCHED + "z0 = [50.0, 450.0]\n")).plan()
    found = turns.evaluator.evaluate({"length": 10.0})
    assert found == plain.evaluator.evaluate({"length": 10.0})
    named = turns.evaluator.termination(found, {})
    assert named["turns"] == pytest.approx(math.sqrt(found.z0 / 50.0))
