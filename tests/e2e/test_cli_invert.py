"""``invert``: one JSON document, files that the other verbs read, one clear line for bad input."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from pathlib import Path

import pytest

FREE = ("--free", "eps_r,height", "--prior", "eps_r=2:4", "--prior", "height=0.05:0.3")
QUICK = ("--fix", "loss_tangent=0.01", "--accuracy", "draft", "--workers", "1")
TRUTH = {"eps_r": 3.1, "height": 0.15}


@pytest.fixture(scope="module")
def gamma():
    """(frequency, reflection in 100 ohm) of a strip on a known soil."""
    import lunar_antenna as la
    from lunar_antenna.solvers.registry import quick

    band = la.Band.mhz(8, 20, 13)
    stack = la.Stack.half_space(TRUTH["eps_r"], loss_tangent=0.01)
    problem = la.Problem(la.load_geometry("strip"), stack, TRUTH["height"], band)
    z = quick(problem, "planar", needs="impedance").z[:, 0, 0]
    return band.frequency, (z - 100.0) / (z + 100.0)


@pytest.fixture
def sweep(gamma, tmp_path):
    rows = [
        f"{f!r} {g.real:.16e} {g.imag:.16e}"
        for f, g in zip(gamma[0].tolist(), gamma[1].tolist(), strict=True)
    ]
    path = tmp_path / "sweep.s1p"
    path.write_text("# Hz S RI R 100\n" + "\n".join(rows) + "\n")
    return path


def test_a_fit_with_posterior_writes_what_other_verbs_read(command, sweep, tmp_path):
    """The sweep has no noise and the same accuracy: truth within a standard error of each."""
    from lunar_antenna.media.soils import load_soil

    result = command(
        "invert", "strip", sweep, *FREE, *QUICK, "--posterior", "--out", "found", "--json"
    )
    assert result.code == 0, result.err
    assert result.out.count("\n") == 1
    document = json.loads(result.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    for name, value in TRUTH.items():
        found = document["parameters"][name]
        assert abs(found["value"] - value) < found["sigma"]
        low, high = document["posterior"]["interval_90"][name]
        assert low < value < high
    assert document["explained"] is True
    assert document["posterior"]["converged"] is True
    folder = tmp_path / "found"
    assert {path.name for path in folder.iterdir()} == {
        "invert.json", "soil.toml", "invert.png", "posterior.png",
    }  # fmt: skip
    assert json.loads((folder / "invert.json").read_text())["chi2"] == document["chi2"]
    (layer,) = load_soil(folder / "soil.toml").layers
    assert layer.eps_r == document["parameters"]["eps_r"]["value"]
    assert layer.loss_tangent == 0.01


def test_a_run_is_an_antenna_too(command, sweep, tmp_path):
    """Only height is free: the soil stays that of the run."""
    import lunar_antenna as la

    stack = la.Stack.half_space(TRUTH["eps_r"], loss_tangent=0.01)
    problem = la.Problem(la.load_geometry("strip"), stack, 0.1, la.Band.mhz(9, 19, 3))
    la.solve(problem, "planar", accuracy="draft").save(tmp_path / "run.h5")
    result = command(
        "invert", "run.h5", sweep, "--free", "height", "--accuracy", "draft", "--workers", 1,
    )  # fmt: skip
    assert result.code == 0, result.err
    value = float(result.out.splitlines()[1].split()[1])
    assert abs(value - TRUTH["height"]) < 0.01


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("strip", "sweep.s1p", "--free", "eps"), "eps_r, loss_tangent"),
        (("strip", "sweep.s1p", "--prior", "height"), "NAME=LOW:HIGH"),
        (("strip", "sweep.s1p", "--prior", "height=0:1", "--prior", "height=0:2"), "twice"),
        (("strip", "sweep.s1p", "--prior", "height=0.4:0.1"), "empty"),
        (("strip", "sweep.s1p", "--fix", "height"), "NAME=VALUE"),
        (("strip", "sweep.s1p", "--fix", "height=0.1"), "both free and fixed"),
        (("strip", "sweep.s1p", "--layer", "2"), "layer = 2"),
        (("strip", "sweep.s1p", "--error-db", "0"), "--error-db = 0 dB is outside"),
        (("strip", "sweep.s1p", "--systematic", "2"), "systematic share"),
        (("strip", "sweep.s1p", "--soil", "free-space"), "free space"),
        (("strip", "sweep.s1p", "--soil", "earth_dry_sand"), "conductivity"),
        (("strip", "sweep.s1p", "--workers", "0"), "workers"),
        (("strip", "sweep.s1p", "--band", "50:60"), "no point"),
        (("strip", "absent.s1p"), "absent.s1p"),
        (("sweep.s1p", "sweep.s1p"), "no antenna"),
        (("crossed_bowtie", "sweep.s1p"), "ports"),
        (("strip", "sweep.s1p", "--out", "sweep.s1p"), "is a file"),
    ],
)
def test_bad_input_is_one_line(command, sweep, arguments, told):
    result = command("invert", *arguments)
    assert result.code == 2, result.err
    assert told in result.complaint
    assert not (sweep.parent / "found").exists()


def test_a_posterior_without_its_engine_says_how_to_get_it(command, sweep, monkeypatch):
    monkeypatch.setitem(sys.modules, "emcee", None)
    result = command("invert", "strip", sweep, "--posterior")
    assert result.code == 4
    assert "pip install" in result.complaint


def workers_in(folder):
    """Process numbers of inversion workers whose working folder is ``folder``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"lunar_antenna.inversion.worker" in words:
                found += [int(entry.name)] * ((entry / "cwd").readlink() == folder)
    return found


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are listed by /proc")
def test_an_interrupt_ends_it_and_its_workers(process, sweep):
    """130 and one line; both workers, which Ctrl-C itself does not reach, are gone.

    Arms that stretch are solved and not emulated, which takes workers.
    """
    running = process.start(
        "invert", "strip", sweep, "--free", "eps_r,height,arm_error", "--accuracy", "fine",
        "--workers", "2", "--out", "found",
    )  # fmt: skip
    assert wait_for(lambda: len(workers_in(sweep.parent)) == 2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("lunar-antenna: interrupted")
    assert err.endswith("nothing written\n")
    assert not (sweep.parent / "found").exists()
    assert wait_for(lambda: not workers_in(sweep.parent), 5.0)


def test_an_interrupt_of_the_posterior_keeps_the_answer(command, sweep, tmp_path, monkeypatch):
    """The answer is written and printed whole, the exit code still says interrupted."""
    from lunar_antenna.inversion.result import Inversion

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Inversion, "sampled", stopped)
    result = command(
        "invert", "strip", sweep, *FREE, *QUICK, "--posterior", "--out", "found", "--json"
    )
    assert result.code == 130, result.err
    assert result.err.splitlines()[-1] == (
        "interrupted: the answer has no posterior; it is kept in found"
    )
    document = json.loads(result.out)
    assert "height" in document["parameters"]
    assert json.loads((tmp_path / "found" / "invert.json").read_text())["chi2"] == document["chi2"]
