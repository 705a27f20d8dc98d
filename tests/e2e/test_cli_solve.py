"""What ``solve`` prints and its document: all ports, coupling, bands, best source, masses."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la

FAST = ("--soil", "simple_eps35", "--accuracy", "draft")


@pytest.fixture(scope="module")
def crossed():
    """A crossed bow-tie and its solution on soil."""
    layout = la.load_geometry("crossed_bowtie")
    problem = la.Problem(layout, la.load_soil("simple_eps35"), band=la.Band.mhz(5, 35, 9))
    return la.solve(problem, "planar", accuracy="draft")


def test_the_document_has_all_ports(command, crossed):
    result = command("solve", "crossed_bowtie", *FAST, "--points", "9", "--z0", "120", "--json")
    assert result.code == 0, result.err
    found = json.loads(result.out)
    z = np.array(found["z_matrix"])
    assert z.shape == (9, 2, 2, 2)
    np.testing.assert_allclose(z[..., 0] + 1j * z[..., 1], crossed.z, rtol=1e-9)
    assert len(found["ports"]) == 2
    for number, item in enumerate(found["ports"], start=1):
        gamma = np.array(item["s11"]) @ [1, 1j]
        np.testing.assert_allclose(gamma, crossed.s11(120.0, port=number), rtol=1e-9)
        own = crossed.efficiency(120.0, port=number)
        np.testing.assert_allclose(item["efficiency"]["ground"], own.ground, rtol=1e-9)
    assert found["z"] == found["ports"][0]["z"]
    assert found["efficiency"] == found["ports"][0]["efficiency"]


def test_two_ports_print_two_tables_and_their_coupling(command):
    result = command("solve", "crossed_bowtie", *FAST, "--points", "9", "--z0", "120")
    heads = re.findall(r"^port \d, the others open$", result.out, re.M)
    assert heads == ["port 1, the others open", "port 2, the others open"]
    coupling = result.out.split("|S21|/dB")[1].splitlines()[1:10]
    assert {line.split()[1] for line in coupling} == {"<-120"}  # by symmetry
    assert {line.split()[2] for line in coupling} <= {"0", "<1e-12"}
    for port in (1, 2):
        assert re.search(rf"^port {port}: resonances in the band: \d", result.out, re.M)
    assert "all ports ended by 120 ohm" in result.out


def test_coupling_is_that_of_the_network():
    """Of a solution made by hand whose ports do couple."""
    from lunar_antenna.cli.solved import _coupling

    bare = solution(ports=2)
    mutual = np.array([[0.0, 5.0 + 8.0j], [5.0 + 8.0j, 0.0]])
    made = replace(bare, z=bare.z + mutual, r_sky=bare.r_sky + mutual.real)
    head, text = _coupling(made, 80.0, [0, 10, 30])
    assert "80 ohm" in head
    rows = [line.split() for line in text.splitlines()[1:]]
    s21 = 20 * np.log10(np.abs(made.network(80.0).s[[0, 10, 30], 1, 0]))
    assert np.ptp(s21) > 0.5
    np.testing.assert_allclose([float(row[1]) for row in rows], s21, atol=0.06)
    coupled = made.efficiency(80.0, terminated=80.0).coupled[[0, 10, 30]]
    np.testing.assert_allclose([float(row[2]) for row in rows], coupled, atol=6e-4)


def test_bands_resonances_and_the_best_source_are_told(command):
    """Held against numbers taken from the solution in another way."""
    result = command("solve", "bowtie", *FAST, "--z0", "300")
    document = json.loads(command("solve", "bowtie", *FAST, "--z0", "300", "--json").out)
    frequency = np.array(document["frequency"])
    z = np.array(document["z"]) @ [1, 1j]
    crossing = frequency[:-1][np.sign(z.imag[1:]) != np.sign(z.imag[:-1])]
    assert len(document["resonances"]) == crossing.size >= 1
    step = frequency[1] - frequency[0]
    for item, before in zip(document["resonances"], crossing, strict=True):
        assert before <= item["frequency"] <= before + step
        assert f"{item['frequency'] / 1e6:.3f} MHz" in result.out
    matched = np.array(document["efficiency"]["mismatch"]) >= 0.9
    for low, high in document["matched_bands"]:
        inside = (frequency >= low) & (frequency <= high)
        assert matched[inside].all()
    covered = sum(
        ((frequency >= low) & (frequency <= high)).sum() for low, high in document["matched_bands"]
    )
    assert covered == matched.sum()
    low, high = document["best_band"]
    best = 1 - np.abs((z - document["best_z0"]) / (z + document["best_z0"])) ** 2
    assert (best[(frequency >= low) & (frequency <= high)] >= 0.9).all()
    for other in np.geomspace(30, 600, 40):  # none beats it where the floor of 0.1 holds
        curve = 1 - np.abs((z - other) / (z + other)) ** 2
        if curve.min() < 0.1:
            continue
        run = _longest(frequency, curve >= 0.9)
        assert run <= high / low * (1 + 2 * step / low)
    assert f"best z0 {document['best_z0']:.4g} ohm" in result.out
    assert "-10 dB, mismatch efficiency >= 0.9" in result.out


def _longest(frequency, above):
    """hi/lo of the widest run of solved points that are above."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], above.astype(int), [0]))))
    return max((frequency[b - 1] / frequency[a] for a, b in edges.reshape(-1, 2)), default=1.0)


def test_masses_rows_and_small_values(command):
    settings = ("--set", "metal=copper_18um", "--set", "film=polyimide_50um")
    result = command("solve", "bowtie", *FAST, *settings, "--points", "62")
    rows = [line.split() for line in result.out.splitlines() if re.match(r"^\d+\.\d\d  ", line)]
    steps = np.diff([float(row[0]) for row in rows])
    np.testing.assert_allclose(steps, steps[0], atol=0.011)  # printed to 0.01 MHz
    assert not any(cell in ("0.000", "-0.0", "-0.000") for row in rows for cell in row)
    assert re.search(
        r"^metal copper_18um: [\d.]+ k?g, .* m2; film polyimide_50um: ", result.out, re.M
    )
    document = json.loads(
        command("solve", "bowtie", *FAST, *settings, "--points", "9", "--json").out
    )
    layout = la.load_geometry("bowtie", metal="copper_18um", film="polyimide_50um")
    expected = layout.metal_area * 18e-6 * 8960.0
    assert document["masses"]["metal_mass"] == pytest.approx(expected, rel=0.01)
    bare = command("solve", "bowtie", *FAST, "--points", "9")
    assert "perfect conductor" in bare.out


@pytest.mark.parametrize("points", [1, 5])
def test_few_frequencies_need_no_fit(command, points):
    band = ("--band", "12:12" if points == 1 else "10:14", "--points", points)
    result = command("solve", "bowtie", *FAST, *band)
    assert result.code == 0, result.err
    assert "resonances in the band" in result.out
    assert "best z0: not sought in so few points; give --points 8 or more" in result.out
