"""``lunar-antenna tolerance`` as a user runs it: JSON, table, figure, best.toml, refusals."""

from __future__ import annotations

import json

import pytest

from lunar_antenna.cli.main import run

FAST = ("--band", "5:15", "--points", "11", "--accuracy", "draft", "--soil", "simple_eps35")
ONE = ("--tolerance", "width=0", "--tolerance", "gap=0", "--tolerance", "port_width=0",
       "--tolerance", "asymmetry=0", "--tolerance", "arm_error=0", "--tolerance", "height=0",
       "--tolerance", "loss_tangent=0", "--builds", "0")  # fmt: skip
SAME_SOIL = ("--tolerance", "eps_r=0")  # one table of kernels for all builds


def test_json_and_figure(tmp_path, capfd):
    figure = tmp_path / "tornado.png"
    arguments = ["tolerance", "strip", *FAST, *ONE, "--threshold", "0.5", "--plot", str(figure)]
    assert run([*arguments, "--json"]) == 0
    out, err = capfd.readouterr()
    document = json.loads(out)
    assert [item["name"] for item in document["sensitivities"]] == ["length", "eps_r"]
    assert document["sensitivities"][0]["tolerance"] == 1e-3
    assert document["evaluations"] == 2 + 4 + 4
    assert document["nominal"]["band_low"] < document["nominal"]["band_high"]
    assert set(document["together"]) == set(document["nominal"])
    assert figure.stat().st_size > 10_000
    assert str(figure) in err


def test_yield_in_text_json_and_figure(tmp_path, capfd):
    figure = tmp_path / "yield.png"
    builds = ("--builds", "200", "--seed", "7", "--distribution", "normal")
    builds += ("--require", "inside>=0.49", "--require", "band_low<=20e6")
    builds += ("--yield-plot", str(figure))
    arguments = ["tolerance", "strip", *FAST, *ONE, *SAME_SOIL, "--threshold", "0.5", *builds]
    assert run([*arguments, "--json"]) == 0
    out, err = capfd.readouterr()
    found = json.loads(out)["yield"]
    assert (found["builds"], found["seed"], found["distribution"]) == (200, 7, "normal")
    assert [item["requirement"] for item in found["requirements"]] == [
        "inside >= 0.49",
        "band_low <= 2e+07",
    ]
    one, sure = (item["share"] for item in found["requirements"])
    assert sure == 1.0
    assert found["all"]["share"] == one
    low, middle, high = (found["quantiles"]["band_low"][key] for key in ("5", "50", "95"))
    assert low < middle < high
    corners = json.loads(out)["together"]["band_low"]["corners"]
    assert corners[0] < low - json.loads(out)["nominal"]["band_low"]
    assert figure.stat().st_size > 10_000
    assert str(figure) in err


def test_text_says_yield_and_linear_sum(capfd):
    arguments = ["tolerance", "strip", *FAST, *ONE, *SAME_SOIL, "--threshold", "0.5"]
    assert run([*arguments, "--builds", "200"]) == 0
    out, _ = capfd.readouterr()
    assert "linear sum" in out
    assert "corners built" in out
    assert "yield: inside >= 0.5:" in out
    assert "of 200 builds (95 % interval" in out


def test_a_design_brings_its_own_port(tmp_path, capfd):
    best = tmp_path / "best.toml"
    best.write_text(
        'family = "strip"\n[parameters]\nlength = 10.0\nwidth = 0.3\n[source]\ntext = "x"\n'
        "[source.optimised]\nz0 = 123.0\nthreshold = 0.55\nheight = 0.02\n"
    )
    assert run(["tolerance", str(best), *FAST, *ONE, "--height", "0.01"]) == 0
    out, err = capfd.readouterr()
    assert "mismatch efficiency 0.55 at z0 123 ohm" in out
    assert "root sum square" in out
    assert "z0 123, threshold 0.55" in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('z0 = "123"', "best.toml: [source.optimised] z0 = '123' is not a number"),
        ("height = [0.02]", "best.toml: [source.optimised] height = [0.02] is not a number"),
        ('efficiency = "mismach"', "did you mean 'mismatch'"),
        ("network = 3", "best.toml: [source.optimised] network is not a list of tables"),
    ],
)
def test_a_design_whose_port_is_no_number_is_refused(line, said, tmp_path, capfd):
    """Not passed over in favour of a default, which would answer another question."""
    best = tmp_path / "best.toml"
    best.write_text(f'family = "strip"\n[source.optimised]\n{line}\n')
    assert run(["tolerance", str(best), *FAST, *ONE]) == 2
    assert said in capfd.readouterr().err


def test_a_network_of_the_design_is_kept(tmp_path, capfd):
    """A series inductor moves the band; its value is the file's."""
    best = tmp_path / "best.toml"
    text = 'family = "strip"\n[source]\ntext = "x"\n[source.optimised]\nz0 = 100.0\n'
    edges = []
    for network in ("", '[[source.optimised.network]]\nelement = "series L"\n'
                    'value = 1e-6\nunit = "H"\nq = 100.0\n'):  # fmt: skip
        best.write_text(text + network)
        arguments = ["tolerance", str(best), *FAST, *ONE, "--threshold", "0.4", "--json"]
        assert run(arguments) == 0
        out, err = capfd.readouterr()
        edges.append(json.loads(out)["nominal"]["band_low"])
        assert ("network series L" in err) == bool(network)
    assert edges[1] < edges[0]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (("--tolerance", "lenth=1"), "tolerance of 'lenth' is not known here"),
        (("--tolerance", "length=long"), "is not a number"),
        (("--threshold", "0.999", "--z0", "1"), "nowhere in the band"),
        (("--efficiency", "all"), "mismatch, sky"),
        (("--plot", "x.bmp"), "allowed: .png"),
        (("--builds", "50"), "allowed: 0 for no yield, or 200 and more"),
        (("--require", "beauty>=1"), "band_low, band_high"),
        (("--require", "inside=0.5"), "QUANTITY>=VALUE"),
        (("--distribution", "even"), "uniform, normal"),
        (("--builds", "0", "--yield-plot", "x.png"), "--builds 200"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(extra, words, capfd):
    assert run(["tolerance", "strip", *FAST, *extra]) == 2
    err = capfd.readouterr().err
    assert words in err.splitlines()[-1]
