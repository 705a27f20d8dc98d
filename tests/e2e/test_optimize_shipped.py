"""The shipped studies from the command line, and coarse-to-fine stages with real solvers."""

from __future__ import annotations

import json
import math

import pytest

import lunar_antenna as la


def optimized(command, study, *options):
    """The JSON document of a run into the folder "study", without figures, and its stderr."""
    arguments = ("optimize", study, *options, "--out", "study", "--no-figures", "--json")
    result = command(*arguments)
    assert result.code == 0, result.err
    return json.loads(result.out), result.err


SHORT = ("--no-fine", "--points", "17")


def test_published_band_runs_by_bare_name_with_all_stages(command):
    """Sixteen trials, eight of them screened, one check, no fine mesh: every stage reports."""
    options = ("--trials", "16", "--screen", "8", "--check", "1", *SHORT)
    answer, told = optimized(command, "published_band", *options)
    assert answer["trials"] == 16
    stages = [item["stage"] for item in answer["stages"]]
    assert stages[-1] == "check"
    assert stages[0] in ("screen", "search")
    best = answer["best"]
    assert best["objective"] == pytest.approx(best["band_ratio"] or best["objective"])
    x0, y0, x1, y1 = la.load_geometry("study/best.toml").bounds
    assert x1 - x0 <= 10.0 + 1e-9
    assert y1 - y0 <= 2.0 + 1e-9
    assert "soil: free-space" not in told
    assert "sampler tpe, solver planar" in told


def test_what_the_check_reports_is_what_solve_finds(command):
    """Efficiencies at solved frequencies, by a full solution of best.toml at the same accuracy.

    Budget: a search differs from a solution by 1e-6 of the impedance (SEARCH_TOLERANCE of the
    planar solver), which moves no efficiency by 1e-4; the lowest value may lie between samples
    1 MHz apart, where a curve this smooth (resonances 5 MHz wide) is 1e-3 lower at most.
    """
    options = ("--trials", "6", "--check", "1", "--no-fine", "--points", "31")
    best = optimized(command, "published_band_4m", *options)[0]["best"]
    problem = la.Problem(
        la.load_geometry("study/best.toml"),
        la.load_soil("simple_eps35"),
        band=la.Band.mhz(5, 35, 31),
    )
    solution = la.solve(problem, accuracy="normal")
    matched = solution.efficiency(best["z0"]).mismatch
    assert matched.min() == pytest.approx(best["min_efficiency_5_35"], abs=2e-3)
    low, high = (edge * 1e6 for edge in best["band_mhz"])
    inside = (solution.frequency >= low) & (solution.frequency <= high)
    assert inside.any()
    assert (matched[inside] > 0.9 - 2e-3).all()


def test_published_pareto_gives_a_front(command):
    """One design in twenty of the first generations is feasible: 200 trials for three points."""
    options = ("--sampler", "nsga3", "--trials", "200", "--check", "0", *SHORT)
    answer, _ = optimized(command, "published_pareto", *options)
    front = answer["front"]
    assert answer["sampler"] == "nsga3"
    assert len(front) >= 3
    points = [item["objectives"] for item in front]
    assert all(math.isfinite(value) and value > 0.0 for point in points for value in point)
    assert max(realised for _, realised, _ in points) < 0.5  # soil takes most of the power
    for one in points:
        for other in points:
            better = (other[0] >= one[0], other[1] >= one[1], other[2] <= one[2])
            assert not all(better) or other == one
    assert answer["best"]["trial"] in {item["trial"] for item in front}


STRIP = """geometry = "strip"
[parameters]
width = 0.02
[search]
length = [8.0, 12.0]
[band]
points = 13
[[constraint]]
merit = "min_efficiency"
at_least = 0.0
[stages]
check = 1
fine = true
confirm = "nec"
[sampler]
trials = 6
"""


def test_another_engine_confirms_at_the_reference_impedance_found(command, tmp_path):
    """A thin strip in free space by moment method on triangles and on wires: their difference in
    Gamma is that of a strip and its equivalent wire, below 0.05 for a strip of 0.02 m."""
    (tmp_path / "strip.toml").write_text(STRIP)
    answer, _ = optimized(command, "./strip.toml", "--solver", "planar")
    fine, confirmed = answer["stages"][-2:]
    assert (fine["stage"], confirmed["stage"]) == ("fine", "confirm")
    assert confirmed["solver"] == "nec"
    assert confirmed["z0"] == fine["z0"] == answer["best"]["z0"]
    assert 0.0 < confirmed["gamma_difference_max"] < 0.05
    assert fine["z_error"] < 0.05
    shares = sum(fine[name] for name in ("sky", "ground", "metal", "film"))
    assert shares == pytest.approx(1.0, abs=5e-3)


def test_options_override_the_study_and_wrong_ones_are_one_line(command):
    for arguments, told in (
        (("published_band", "--threshold", "1.5"), "threshold = 1.5"),
        (("published_band", "--sampler", "nsga2"), "for several objectives"),
        (("published_pareto", "--sampler", "cma-es"), "takes one objective, the study has 3"),
        (("published_band", "--confirm", "feko"), "'feko' is not known"),
        (("published_bend",), "neither a file nor shipped"),
    ):
        result = command("optimize", *arguments, "--out", "study")
        assert result.code == 2
        assert told in result.complaint
    result = command("solve", "published_band", "--out", "run.h5")
    assert result.code == 2
    assert "run lunar-antenna optimize published_band" in result.complaint


def test_a_robust_study_reports_the_band_that_holds_everywhere(command, tmp_path):
    """The worst case over two soils is no better than each of them alone, at one z0."""
    robust = "\n[robust]\nsoils = [{eps_r = 2.5, loss_tangent = 0.01}, {eps_r = 4.5}]\n"
    text = STRIP.replace('"nec"', '"none"').replace("fine = true", "fine = false")
    (tmp_path / "robust.toml").write_text(text + robust)
    best = optimized(command, "./robust.toml", "--threshold", "0.5")[0]["best"]
    layout = la.load_geometry("study/best.toml")
    for eps_r, loss in ((2.5, 0.01), (4.5, 0.0)):
        stack = la.Stack.half_space(eps_r, loss_tangent=loss)
        alone = la.solve(la.Problem(layout, stack, band=la.Band.mhz(5, 35, 13)), accuracy="normal")
        matched = alone.efficiency(best["z0"]).mismatch
        assert best["min_efficiency_5_35"] <= matched.min() + 2e-3  # samples, as above
        low, high = (edge * 1e6 for edge in best["band_mhz"])
        inside = (alone.frequency >= low) & (alone.frequency <= high)
        assert (matched[inside] > 0.5 - 2e-3).all()
