"""Any argument of any public function may be of a wrong type: one line says so, or it is taken.

Each argument of a call that is right is replaced in turn by things of other types.  Functions that
solve or search stand in with what they check before they begin.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import LunarAntennaError

SOIL = la.Stack.half_space(3.0, loss_tangent=0.01)
MADE = solution(stack=SOIL, points=13)
LAYOUT = la.load_geometry("bowtie")
BAND = la.Band.mhz(10, 20, 3)
PROBLEM = la.Problem(LAYOUT, SOIL, 0.1, BAND)
SWEEP = la.load_measurement("prototype_synthetic")
FIRST = float(MADE.frequency[3])


class Odd:
    """Of no type that anything wants."""


WRONG = (
    "nonsense", -1.5, math.nan, [], {}, Odd(), b"x", lambda *_, **__: 0, np.arange(3.0), 1j, LAYOUT,
    int, [Odd()], {"a": Odd()},
)  # fmt: skip

LONGEST = 2000  # characters: a name that is not known is answered with all that are


def pair():
    return la.Array(LAYOUT, [[0, 0], [20, 0]], SOIL, 0.1, BAND)


CALLS = {
    "Band": (la.Band, {"frequency": [1e7, 2e7]}),
    "Band.mhz": (la.Band.mhz, {"low": 5, "high": 35, "points": 5}),
    "Film": (la.Film, {"thickness": 5e-5, "eps_r": 3.4, "loss_tangent": 0.0, "side": "above",
                       "name": "x", "density": None}),
    "Metal": (la.Metal, {"conductivity": 5.8e7, "thickness": 1e-5, "name": "x", "density": None}),
    "Gap": (la.Gap, {"x": 0.0, "y": 0.0, "length": 0.1, "width": 0.1, "angle": 0.0,
                     "feed": "uniform"}),
    "Port": (la.Port, {"gaps": LAYOUT.ports[0].gaps, "name": "1"}),
    "Layer": (la.Layer, {"thickness": 1.0, "eps_r": 3.0, "loss_tangent": 0.0, "conductivity": 0.0,
                         "is_conductor": False}),
    "Stack": (la.Stack, {"layers": SOIL.layers, "name": "x", "source": None}),
    "Layout": (la.Layout, {"name": "x", "conductors": LAYOUT.conductors, "ports": LAYOUT.ports,
                           "ribbons": (), "metal": None, "film": None, "film_outline": None,
                           "family": "free", "parameters": {}, "source": {}, "relief": None}),
    "Problem": (la.Problem, {"layout": LAYOUT, "stack": SOIL, "height": 0.1, "band": BAND}),
    "Receiver": (la.Receiver, {"resistance": 50.0, "capacitance": 0.0, "voltage_noise": 0.0,
                               "current_noise": 0.0, "temperature": 0.0, "name": "x"}),
    "Site": (la.Site, {"latitude": 0.0, "longitude": 0.0, "heading": 0.0, "name": "x"}),
    "Observation": (la.Observation, {"site": la.Site(0.0, 0.0), "times": ()}),
    "InversionSettings": (la.InversionSettings, {"free": "eps_r", "priors": {}, "fixed": {},
                          "layer": 0, "errors": la.InversionSettings().errors, "accuracy": "draft",
                          "z0": None, "posterior": False, "workers": None, "seed": 1,
                          "check_model": False}),
    "StudySettings": (la.StudySettings, {"geometry": "bowtie", "parameters": {}, "search": None,
                      "stack": SOIL, "height": 0.0, "band": BAND, "solver": "auto",
                      "accuracy": "draft", "port": None, "goals": None, "robust": None,
                      "cluster": None, "stages": la.StudySettings("bowtie").stages,
                      "sampler": "auto", "trials": 2, "seed": 1, "file": ""}),
    "compare": (la.compare, {"simulation": MADE, "measurement": SWEEP, "z0": None, "port": 1,
                             "uncertainty": None}),
    "load": (la.load, {"path": "run.h5"}),
    "load_array": (la.load_array, {"path": "x.toml"}),
    "load_array_solution": (la.load_array_solution, {"path": "run.h5", "check": None}),
    "load_geometry": (la.load_geometry, {"name_or_path": "bowtie", "metal": "keep", "film": "keep",
                                         "length": 10.0}),
    "load_measurement": (la.load_measurement, {"path": "prototype_synthetic", "z0": None}),
    "load_sky": (la.load_sky, {"path": "x.fits", "frequency": None, "index": 2.5, "frame": None}),
    "load_soil": (la.load_soil, {"soil": "simple_eps35"}),
    "load_spherical": (la.load_spherical, {"path": "x.h5"}),
    "noise_budget": (la.noise_budget, {"solution": MADE, "receiver": None, "sky": "novaco_brown",
                     "port": 1, "terminated": False, "moon": 255.0, "antenna": 255.0,
                     "observation": None}),
    "noise_covariance": (la.noise_covariance, {"solution": MADE, "receiver": None,
                         "sky": "novaco_brown", "moon": 255.0, "antenna": 255.0,
                         "observation": None}),
    "resonances": (la.resonances, {"item": MADE, "port": 1}),
    "s11": (MADE.s11, {"z0": 100.0, "port": 1, "terminated": None}),
    "efficiency": (MADE.efficiency, {"z0": 100.0, "port": 1, "terminated": None}),
    "far_field": (MADE.far_field, {"frequency": FIRST, "theta": 0.1, "phi": 0.1, "port": 1,
                                   "terminated": None, "degrees": False}),
    "network": (MADE.network, {"z0": 100.0}),
    "currents": (MADE.currents, {"frequency": FIRST, "port": 1}),
}  # fmt: skip


def check(call, given, argument):
    for thing in WRONG:
        try:
            call(**{**given, argument: thing})
        except LunarAntennaError as error:
            text = str(error)
            assert "\n" not in text, (argument, thing, text)
            assert 10 < len(text) < LONGEST, (argument, thing, text)
        # another exception fails the test with the line that raised it


@pytest.mark.parametrize(
    ("name", "argument"), [(name, argument) for name in CALLS for argument in CALLS[name][1]]
)
def test_one_line_or_taken(name, argument):
    check(*CALLS[name], argument)


@pytest.mark.parametrize("call", [MADE.save, lambda path: la.export(MADE, path, "csv")])
def test_a_path_is_text(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for thing in (3, None, [], b"x", Odd(), True):
        with pytest.raises(LunarAntennaError, match="path is"):
            call(path=thing)


SOLVES = {
    "solve": lambda **given: la.solve(PROBLEM, "planar", accuracy="draft", **given),
    "emulate": lambda **given: la.emulate(PROBLEM, {"eps_r": (2.9, 3.1)}, **given),
    "bound": lambda **given: la.bound((4.0, 1.0), SOIL, **given),
    "invert": lambda **given: la.invert(PROBLEM, SWEEP, **given),
    "optimize": lambda **given: la.optimize("bowtie", SOIL, **given),
    "tolerance": lambda **given: la.tolerance("bowtie", SOIL, **given),
    "solve_array": lambda **given: la.solve_array(pair(), **given),
    "arrange": lambda **given: la.arrange(pair(), **given),
}


@pytest.mark.parametrize("name", SOLVES)
def test_progress_that_cannot_be_called_is_refused_before_the_work(name):
    for thing in (3, "yes", True, [], Odd()):
        with pytest.raises(LunarAntennaError, match=r"progress is .*give a function"):
            SOLVES[name](progress=thing)


@pytest.mark.parametrize("kind", dir(la.plot))
def test_a_figure_refuses_by_keyword_too(kind):
    import inspect

    first, *options = inspect.signature(getattr(la.plot, kind)).parameters
    check(getattr(la.plot, kind), {}, first)
    with pytest.raises(LunarAntennaError, match=r"write la\.plot"):
        getattr(la.plot, kind)()
    if kind in OPTIONS:
        for option in options:
            check(getattr(la.plot, kind), {first: OPTIONS[kind]}, option)


OPTIONS = {"s11": MADE, "smith": MADE, "pattern_measures": MADE, "soil": SOIL}
