"""What ``compare`` holds measurements against, and the one command per claim.

Where a number is asked for it is one of the stated claims: reflections of a real antenna against
the site's own calibration (0.002 in |Gamma|, 0.004 complex) and a real antenna against the planar
solver (1.5 dB mean, one fitted width; here rms, which is larger).
"""

from __future__ import annotations

import json

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.measurement.record import Measurement

BAND = ("--band", "10:20", "--points", "11", "--solver", "nec", "--accuracy", "draft")


def document(result):
    assert result.code == 0, result.err
    assert result.out.count("\n") == 1
    return json.loads(result.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


@pytest.fixture(scope="module")
def strip():
    """A strip in free space, 11 frequencies."""
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.free_space(), 0.0, la.Band.mhz(10, 20, 11)
    )
    return la.solve(problem, "nec", accuracy="draft")


@pytest.fixture
def sweep(strip, tmp_path):
    """``sweep("m", factor)``: a file of the strip's own reflection times ``factor``."""

    def write(name, factor=1.0, z0=50.0):
        gamma = strip.s11(z0) * factor
        path = tmp_path / f"{name}.s1p"
        Measurement(strip.frequency, gamma, z0, name=name).write(path)
        return path.name

    return write


@pytest.mark.parametrize(
    ("stem", "site"), [("2022_319_14", "2022_316"), ("2023_210_03", "2023_210")]
)
def test_raw_analyser_files_become_the_sites_calibration(command, shared, stem, site):
    """One command per set, two header styles; the delay is found, stated and applied."""
    folder = shared("measured/edges3_osl")
    target = folder / f"{site}_s11ant.csv"
    raw = [folder / f"{stem}_{part}.s1p" for part in ("ant", "O", "S", "L")]
    arguments = ("compare", target, raw[0], "--osl", *raw[1:])
    plain = document(command(*arguments, "--json"))
    assert plain["rms_magnitude"] <= 0.002
    assert plain["rms_gamma"] > 0.004  # the delay is what is missing
    moved = document(command(*arguments, "--delay-to", target, "--json"))
    assert moved["rms_magnitude"] <= 0.002
    assert moved["rms_gamma"] <= 0.004
    fit = moved["measurements"][0]["delay_fit"]
    assert fit["rms_after"] == pytest.approx(moved["rms_gamma"])
    given = document(command(*arguments, "--delay", repr(fit["delay"]), "--json"))
    assert given["rms_gamma"] == pytest.approx(moved["rms_gamma"])
    text = command(*arguments, "--delay-to", target).out
    assert f"delay found and applied: {fit['delay'] * 1e9:.4f} ns" in text
    assert "measured - reference" in text


def test_measured_blade_in_one_command(command, shared, tmp_path):
    """Geometry, soil, height and band in, overlay, grades and numbers out."""
    measured = shared("measured/EDGES_low_blade_2015_342.s1p")
    arguments = (
        "compare", "edges_low_blade", measured, "--soil", "metal_plane", "--height", "1.04",
        "--band", "50:100", "--points", "21", "--set", "port_width=0.099",
        "--delay-to", "simulation", "--out", "overlay.png", "--fsv", "fsv.png",
    )  # fmt: skip
    answer = document(command(*arguments, "--json"))
    assert (tmp_path / "fsv.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "overlay.png").read_bytes().startswith(b"\x89PNG")
    assert answer["frequency_range"] == [50e6, 100e6]
    assert answer["rms_db"] <= 1.5
    assert answer["rms_gamma"] <= 0.05  # complex, after one delay; |Gamma| is 0.2
    assert answer["fsv"]["grade"] in ("Excellent", "Very good", "Good")
    text = command(*arguments)
    assert "GDM" in text.out
    assert "edges_low_blade, metal_plane at 1.04 m against" in text.out


def test_geometry_is_solved_on_the_spot(command, sweep):
    answer = document(
        command("compare", "strip", sweep("m"), "--soil", "free-space", *BAND, "--json")
    )
    assert answer["rms_gamma"] < 1e-12
    assert answer["details"][0]["simulation"] == "strip, free-space"
    other = document(command("compare", "strip", sweep("m"), "--set", "length=9", *BAND, "--json"))
    assert other["rms_gamma"] > 0.1


def test_the_measured_frequencies_are_solved_where_no_band_is_given(command, sweep):
    answer = document(command("compare", "strip", sweep("m"), *BAND[4:], "--json"))
    assert answer["details"][0]["interpolation"] == "none: all points solved"
    assert answer["rms_gamma"] < 1e-12


def test_sidecar_says_what_to_simulate(command, sweep, tmp_path):
    """geometry, soil and height of the .toml; options come before it."""
    name = sweep("m")
    (tmp_path / "m.toml").write_text(
        'kind = "measured"\ngeometry = "strip"\nsoil = "metal_plane"\nheight = 4.0\n'
    )
    solved = ("--accuracy", "draft", "--band", "10:20", "--points", "3", "--json")
    result = command("compare", name, *solved)
    assert document(result)["details"][0]["simulation"] == "strip, metal_plane at 4 m"
    assert "soil: metal_plane (from the .toml of m)" in result.err
    assert "height: 4 m (from the .toml of m)" in result.err
    other = document(command("compare", "strip", name, "--height", "6", *solved))
    assert other["details"][0]["simulation"] == "strip, metal_plane at 6 m"
    space = document(command("compare", "strip", name, "--soil", "free-space", *solved))
    assert space["details"][0]["simulation"] == "strip, free-space"


def test_several_simulations_and_measurements_in_one_overlay(command, strip, sweep, tmp_path):
    strip.save(tmp_path / "a.h5")
    strip.save(tmp_path / "b.h5")
    names = [sweep("m"), sweep("n", 0.9)]
    arguments = ("compare", "a.h5", "b.h5", *names, "--out", "all.svg")
    answer = document(command(*arguments, "--json"))
    assert [pair["measurement"] for pair in answer["pairs"]] == ["m", "n", "m", "n"]
    assert len({pair["simulation"] for pair in answer["pairs"]}) == 2
    assert len(answer["details"]) == 4
    assert answer["pairs"][2]["rms_gamma"] < 1e-12
    drawn = (tmp_path / "all.svg").read_text()
    assert "not stated" not in drawn
    assert command(*arguments).out.count(" against ") == 4


def test_reference_impedance_of_the_fixture(command, sweep, tmp_path):
    """A file that says 50 ohm where the fixture made it 100 is relabelled, and that is said."""
    name = sweep("m", z0=100.0)
    path = tmp_path / name
    path.write_text(path.read_text().replace("R 100.0", "R 50.0"))
    wrong = document(command("compare", "strip", name, *BAND, "--json"))
    assert wrong["rms_gamma"] > 0.1
    result = command("compare", "strip", name, "--measured-z0", "100", *BAND, "--json")
    right = document(result)
    assert right["rms_gamma"] < 1e-12
    assert right["z0"] == 100.0
    assert "reference: 100 ohm (argument; the file says 50 ohm)" in result.err


def test_differential_sweep_of_both_arms(command, strip, tmp_path):
    """Two arms against ground, uncoupled and alike: Z of each is half the antenna's."""
    half = strip.z[:, 0, 0] / 2.0
    s = np.zeros((half.size, 2, 2), complex)
    s[:, 0, 0] = s[:, 1, 1] = (half - 50.0) / (half + 50.0)
    Measurement(strip.frequency, s, 50.0, name="arms").write(tmp_path / "arms.s2p")
    answer = document(command("compare", "strip", "arms.s2p", "--differential", *BAND, "--json"))
    assert answer["z0"] == 100.0
    assert answer["rms_gamma"] < 1e-12


def test_uncertainty_is_drawn_and_counted(command, sweep, tmp_path):
    """Three repeats that differ by 0.5 %, and an accuracy of 0.2 dB and 2 degrees."""
    names = [sweep("a", 0.995), sweep("b"), sweep("c", 1.005)]
    arguments = ("compare", "strip", *names, *BAND, "--out", "band.svg")
    answer = document(command(*arguments, "--repeats", "--json"))
    assert "pairs" not in answer
    assert answer["measurements"][0]["uncertainty"] == "standard deviation of 3 sweeps, 95 %"
    assert answer["details"][0]["within_uncertainty"] == 1.0
    assert "uncertainty: standard deviation of 3 sweeps" in (tmp_path / "band.svg").read_text()
    answer = document(command(*arguments, "--vna-accuracy", "0.2", "2", "--json"))
    assert [pair["within_uncertainty"] for pair in answer["details"]] == [1.0, 1.0, 1.0]
    assert (tmp_path / "band.svg").read_text().count("uncertainty: stated accuracy") == 3
    told = command(*arguments, "--vna-accuracy", "0.2", "2").out
    assert told.count("inside the uncertainty: 100 % of points") == 3


def test_gate_says_its_price(command, tmp_path):
    frequency = np.linspace(5e6, 35e6, 301)
    s = 0.4 * np.exp(-4j * np.pi * frequency * 5e-9)
    Measurement(frequency, s, 50.0, name="clean").write(tmp_path / "clean.s1p")
    dirty = s + 0.1 * np.exp(-2j * np.pi * frequency * 1e-6)
    Measurement(frequency, dirty, 50.0, name="dirty").write(tmp_path / "dirty.s1p")
    pair = ("compare", "clean.s1p", "dirty.s1p")
    before = document(command(*pair, "--json"))
    result = command(*pair, "--gate", "-1.5e-7", "1.7e-7", "--json")
    assert document(result)["rms_gamma"] < 0.5 * before["rms_gamma"]
    assert "smoothed away" in result.err
    assert any("edge" in text or "each end" in text
               for text in document(result)["measurements"][0]["side_effects"])  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("m.s1p",), "m alone does not say what to simulate"),
        (("strip",), "no measurement among strip"),
        (("bowtye", "m.s1p"), "shipped geometries: bent"),
        (("none.toml", "m.s1p"), "none.toml"),
        (("strip", "none.s1p"), "none.s1p"),
        (("strip", "m.s1p", "--soil", "cheese"), "'cheese'"),
        (("strip", "m.s1p", "--height", "-1"), "height = -1"),
        (("strip", "m.s1p", "--set", "length"), "not NAME=VALUE"),
        (("strip", "m.s1p", "--fsv", "fsv.doc"), "--fsv fsv.doc"),
        (("strip", "m.s1p", "--fsv", "fsv.png"), "FSV needs 32 common points"),
        (("strip", "m.s1p", "--band", "50:60"), "share no measured frequency"),
    ],
)
def test_what_cannot_be_compared_is_one_line(command, sweep, arguments, told):
    sweep("m")
    result = command("compare", *arguments, *(("--solver", "nec") if "strip" in arguments else ()))
    assert result.code == 2, result.err
    assert told in result.complaint
    if told != "FSV needs 32 common points":  # the answer is printed whatever becomes of a figure
        assert result.out == ""


def test_a_sweep_far_wider_than_the_antenna_is_simulated_where_it_says_something(command, tmp_path):
    """0.1 MHz to 3 GHz of a 10 m strip: 3 to 75 MHz, and said; its resonances are not missed."""
    frequency = np.concatenate((np.geomspace(0.1, 3.0, 20), np.linspace(3.5, 70, 134), [300, 3e3]))
    rows = "\n".join(f"{f:.6f} 0.3 0.1" for f in frequency)
    (tmp_path / "wide.s1p").write_text(f"# MHz S RI R 50\n{rows}\n")
    arguments = ("compare", "strip", "./wide.s1p", "--solver", "nec", "--accuracy", "draft")
    result = command(*arguments, "--json")
    assert result.code in (0, 3)  # a draft of thin wires need not converge at 70 MHz
    low, high = json.loads(result.out)["frequency_range"]
    half_wave = 299.792458 / (2 * 10.0)
    assert half_wave / 5 <= low / 1e6 <= 3.5
    assert 60.0 <= high / 1e6 <= half_wave * 5
    assert "note: measured 0.1 to 3000 MHz, simulated" in result.err
