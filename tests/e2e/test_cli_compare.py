"""Corrections of ``compare``: each option undoes what was done to a known antenna.

The antenna is the solution itself, sampled at its own frequencies, so a right correction leaves
no difference.  Budget: files with 15 digits and an interpolant that holds its nodes give 1e-9 in
Gamma; the found delay adds 4 pi f d(tau) of a search that stops at 1e-17 s, below 1e-6.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

Z0 = 50.0
DELAY = 1.7e-9
HUB = 4e-12
EXACT = 1e-8
FOUND = 1e-6


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """(bytes of the solution, frequency, reflection in 50 ohm) of a strip."""
    import lunar_antenna as la

    path = tmp_path_factory.mktemp("solved") / "run.h5"
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.free_space(), band=la.Band.mhz(5, 35, 41)
    )
    solution = la.solve(problem, "nec", accuracy="draft")
    solution.save(path)
    return path.read_bytes(), solution.frequency, solution.s11(Z0)


@pytest.fixture
def bench(solved, tmp_path):
    """The run file in place, and a writer of sweeps."""
    content, frequency, gamma = solved
    (tmp_path / "run.h5").write_bytes(content)

    def write(name, s):
        s = np.broadcast_to(s, frequency.shape)
        rows = [
            f"{f!r} {g.real:.16e} {g.imag:.16e}"
            for f, g in zip(frequency.tolist(), s.tolist(), strict=True)
        ]
        (tmp_path / name).write_text(f"# Hz S RI R {Z0:g}\n" + "\n".join(rows) + "\n")
        return name

    return write, frequency, gamma


def document(result):
    assert result.code == 0, result.err
    assert result.out.count("\n") == 1
    return json.loads(result.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def delayed(frequency, gamma):
    return gamma * np.exp(-4j * np.pi * frequency * DELAY)


def with_hub(frequency, gamma):
    y = (1.0 - gamma) / (1.0 + gamma) / Z0 + 2j * np.pi * frequency * HUB
    return (1.0 - Z0 * y) / (1.0 + Z0 * y)


def seen(frequency, gamma):
    """Through the three error terms of an uncorrected analyser."""
    turn = np.exp(-1e-7j * frequency)
    return 0.1 + 0.05j + 0.8 * turn * gamma / (1.0 - 0.15j * turn * gamma)


def standards(write, frequency):
    one = np.ones(frequency.shape, complex)
    return [
        write("open.s1p", seen(frequency, one)),
        write("short.s1p", seen(frequency, -one)),
        write("load.s1p", seen(frequency, 0.0 * one)),
    ]


def test_an_error_stands_alone(command, bench):
    """No import report comes before the one line that says what is wrong."""
    write, _, gamma = bench
    write("m.s1p", gamma)
    for arguments in (("none.h5", "m.s1p"), ("run.h5", "m.s1p", "none.s1p")):
        result = command("compare", *arguments)
        assert result.code == 2
        assert result.err.count("\n") == 1, result.err


def test_without_corrections_nothing_is_done(command, bench):
    write, _, gamma = bench
    answer = document(command("compare", "run.h5", write("m.s1p", gamma), "--json"))
    assert answer["rms_gamma"] < EXACT
    (measured,) = answer["measurements"]
    assert measured.pop("import")["z0_source"] == "file"
    assert measured == {
        "name": "m",
        "kind": "unknown",
        "corrections": [],
        "side_effects": [],
        "delay_fit": None,
        "uncertainty": None,
    }
    assert "pairs" not in answer


def test_osl(command, bench):
    write, frequency, gamma = bench
    raw = write("raw.s1p", seen(frequency, gamma))
    assert document(command("compare", "run.h5", raw, "--json"))["rms_gamma"] > 0.1
    answer = document(
        command("compare", "run.h5", raw, "--osl", *standards(write, frequency), "--json")
    )
    assert answer["rms_gamma"] < EXACT
    (done,) = answer["measurements"][0]["corrections"]
    assert done.startswith("open-short-load correction")


def test_known_delay(command, bench):
    write, frequency, gamma = bench
    raw = write("raw.s1p", delayed(frequency, gamma))
    assert document(command("compare", "run.h5", raw, "--json"))["rms_gamma"] > 0.1
    answer = document(command("compare", "run.h5", raw, "--delay", DELAY, "--json"))
    assert answer["rms_gamma"] < EXACT
    assert answer["measurements"][0]["delay_fit"] is None
    back = document(
        command("compare", "run.h5", write("b.s1p", delayed(-frequency, gamma)),
                "--delay", f"-{DELAY}", "--json")
    )  # fmt: skip
    assert back["rms_gamma"] < EXACT


def test_delay_is_found_stated_and_applied(command, bench):
    write, frequency, gamma = bench
    raw, target = write("raw.s1p", delayed(frequency, gamma)), write("target.s1p", gamma)
    answer = document(command("compare", "run.h5", raw, "--delay-to", target, "--json"))
    fit = answer["measurements"][0]["delay_fit"]
    assert fit["delay"] == pytest.approx(DELAY, rel=1e-6)
    assert fit["rms_before"] > 0.1
    assert fit["rms_after"] < FOUND
    assert answer["rms_gamma"] < FOUND
    told = command("compare", "run.h5", raw, "--delay-to", target).out
    assert "delay found and applied: 1.7000 ns one way" in told


def test_hub_capacitance(command, bench):
    write, frequency, gamma = bench
    raw = write("raw.s1p", with_hub(frequency, gamma))
    assert document(command("compare", "run.h5", raw, "--json"))["rms_gamma"] > 0.01
    answer = document(command("compare", "run.h5", raw, "--hub-capacitance", HUB, "--json"))
    assert answer["rms_gamma"] < EXACT


def test_all_together_in_the_order_of_the_chain(command, bench):
    """Antenna, hub, line, fixture, analyser: taken off from the analyser towards the antenna."""
    import lunar_antenna as la
    from lunar_antenna.measurement.corrections.deembed import embed
    from lunar_antenna.measurement.record import Measurement

    write, frequency, gamma = bench
    fixture = la.load_measurement("prototype_synthetic_fixture")
    line = Measurement(frequency, delayed(frequency, with_hub(frequency, gamma)), Z0)
    raw = write("raw.s1p", seen(frequency, embed(line, fixture).s11()))
    answer = document(
        command(
            "compare", "run.h5", raw, "--hub-capacitance", HUB, "--delay", DELAY,
            "--deembed", "prototype_synthetic_fixture",
            "--osl", *standards(write, frequency), "--json",
        )
    )  # fmt: skip
    assert answer["rms_gamma"] < EXACT
    words = [step.split()[0] for step in answer["measurements"][0]["corrections"]]
    assert words == ["open-short-load", "fixture", "plane", "4"]


def test_several_measurements_share_the_corrections(command, bench, tmp_path):
    write, frequency, gamma = bench
    names = [
        write("first.s1p", delayed(frequency, gamma)),
        write("second.s1p", delayed(frequency, 0.9 * gamma)),
    ]
    arguments = ("compare", "run.h5", *names, "--delay", DELAY, "--out", "both.png")
    answer = document(command(*arguments, "--json"))
    assert [item["name"] for item in answer["measurements"]] == ["first", "second"]
    assert [pair["measurement"] for pair in answer["pairs"]] == ["first", "second"]
    assert answer["rms_gamma"] == answer["pairs"][0]["rms_gamma"] < EXACT
    expected = 0.1 * np.sqrt(np.mean(np.abs(gamma) ** 2))
    assert answer["pairs"][1]["rms_gamma"] == pytest.approx(expected, abs=EXACT)
    assert (tmp_path / "both.png").read_bytes().startswith(b"\x89PNG")
    text = command(*arguments).out
    assert "against first" in text
    assert "against second" in text


OTHER = "# MHz S RI R 50\n10 0.1 0.2\n20 0.1 0.3\n"
MALFORMED = {
    "two standards": (("--osl", "m.s1p", "m.s1p"), "--osl"),
    "standards of words": (("--osl", "a", "b", "c"), "'a'"),
    "one standard thrice": (("--osl", "m.s1p", "m.s1p", "m.s1p"), "open"),
    "standards of another sweep": (("--osl", "o.s1p", "o.s1p", "o.s1p"), "open"),
    "broken standard": (("--osl", "bad.s1p", "m.s1p", "m.s1p"), "bad.s1p"),
    "delay of words": (("--delay", "long"), "--delay"),
    "delay that is none": (("--delay", "nan"), "--delay = nan"),
    "delay of a second": (("--delay", "1.0"), "--delay = 1 s is outside"),
    "delay twice": (("--delay", "1e-9", "--delay-to", "m.s1p"), "leave one of them out"),
    "delay to nothing": (("--delay-to", "none.s1p"), "none.s1p"),
    "delay to another band": (("--delay-to", "far.s1p"), "share 0 points"),
    "hub of words": (("--hub-capacitance", "5p"), "--hub-capacitance"),
    "negative hub": (("--hub-capacitance", "-5e-12"), "--hub-capacitance = -5e-12"),
    "hub of a farad": (("--hub-capacitance", "1"), "--hub-capacitance = 1 F is outside"),
    "infinite hub": (("--hub-capacitance", "inf"), "--hub-capacitance = inf"),
    "fixture of one port": (("--deembed", "./m.s1p"), "1 and 1 port"),
    "fixture the third way round": (("--antenna-port", "3"), "allowed: 1, 2"),
    "differential of one port": (("--differential",), "needs a two-port sweep"),
    "gate of nothing": (("--gate", "1e-7", "1e-7"), "must be wider"),
    "reference of nothing": (("--measured-z0", "0"), "--measured-z0 = 0 ohm"),
    "two repeats": (("m.s1p", "--repeats"), "at least 3 times"),
    "accuracy of a radio": (("--vna-accuracy", "20", "1"), "--vna-accuracy DB = 20 dB"),
    "accuracy twice": (("--repeats", "--vna-accuracy", "0.1", "1"), "leave one of them out"),
    "soil for a run": (("--soil", "uniform_eps3"), "--soil is for a GEOMETRY"),
    "band for a run": (("--band", "5:35"), "--band is for a GEOMETRY"),
    "points without a band": (("--points", "7"), "give --band"),
    "solver of words": (("--solver", "guess"), "--solver = 'guess'"),
    "delay to two runs": (("run.h5", "--delay-to", "simulation"), "needs one simulation"),
    "second measurement missing": (("none.s1p",), "none.s1p"),
    "second measurement broken": (("bad.s1p",), "bad.s1p"),
}


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("extra", [(), ("--json",)], ids=["text", "json"])
def test_malformed_values_give_one_line(command, bench, tmp_path, case, extra):
    write, _, gamma = bench
    arguments, told = MALFORMED[case]
    write("m.s1p", gamma)
    (tmp_path / "o.s1p").write_text(OTHER)
    (tmp_path / "bad.s1p").write_text(OTHER + "30 nan 0.1\n")
    (tmp_path / "far.s1p").write_text(OTHER.replace("MHz", "GHz"))
    before = sorted(tmp_path.iterdir())
    result = command("compare", "run.h5", "m.s1p", *extra, "--out", "overlay.png", *arguments)
    assert result.code == 2, result.err
    assert result.out == ""
    assert told in result.complaint
    assert "Traceback" not in result.err
    assert sorted(tmp_path.iterdir()) == before
