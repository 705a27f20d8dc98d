"""luseepy's contract, checked on the files alone as docs/instrument_response.md has it.

All three matrices Hermitian and positive semidefinite; Rsky the monopole integral of H to 1e-4,
R_ab = eta0/(4 lambda^2) integral of H_a H_b* above the horizon; Rsky + Rmoon + Rloss =
(ZA + ZA^H)/2 to the closure that the solution states.  On a crossed bow-tie over a lunar soil, on
two unlike dipoles that share nothing, and on a short dipole whose numbers are known.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import simpson

import lunar_antenna as la

pytest.importorskip("astropy", reason="astropy is not installed (extra beams)")

from askew import askew
from foreign_readers import ETA0, C, za
from hand_made import short_dipole, solution

from lunar_antenna.errors import InputError

ASKED = [
    "SOURCE",
    "SOURCE_ROOT",
    "ZA_SOURCE",
    "GIT_SHA",
    "TIMECONV",
    "COORDSYS",
    "THETADEF",
    "PHIDEF",
    "OMEGADEF",
    "POLBASIS",
    "PHASEREF",
    "PORTS",
]


def response(folder):
    """freq_MHz, theta, phi (deg) and H (component, port, freq, theta, phi) of the CSV files."""
    fields = []
    for number in range(1, 1 + len(list(folder.glob("effective_length_*.csv")))):
        table, axes = {}, [set(), set(), set()]
        with (folder / f"effective_length_{number}.csv").open(newline="") as stream:
            for row in csv.DictReader(stream):
                at = tuple(float(row[name]) for name in ("freq_MHz", "theta_deg", "phi_deg"))
                table[at] = [
                    complex(float(row[f"re(h_{part})"]), float(row[f"im(h_{part})"]))
                    for part in ("Theta", "Phi")
                ]
                for axis, value in zip(axes, at, strict=True):
                    axis.add(value)
        grid = [np.array(sorted(axis)) for axis in axes]
        values = [table[f, t, p] for f in grid[0] for t in grid[1] for p in grid[2]]
        fields.append(np.array(values).T.reshape(2, *(axis.size for axis in grid)))
    return *grid, np.stack(fields, axis=1)


def monopole(frequency, theta, h):
    """(n, p, p) ohm by Simpson's rule on the document's grid, the wrap left out in azimuth.

    The rings run to the horizon: Simpson ends there, so nothing of the step is seen.
    """
    pairs = np.einsum("caftp,cbftp->fabtp", h[..., :-1], h[..., :-1].conj())
    rings = pairs.mean(axis=-1) * 2.0 * np.pi * np.sin(np.deg2rad(theta))
    found = simpson(rings, x=np.deg2rad(theta))
    return found * (ETA0 * (frequency * 1e6 / C) ** 2 / 4.0)[:, None, None]


def checked(folder, closure):
    """Every demand of the document; returns H and the matrices."""
    told = json.loads((folder / "provenance.json").read_text())
    assert all(told.get(key) not in (None, "", "UNKNOWN") for key in ASKED)
    frequency, theta, phi, h = response(folder)
    assert (theta[0], theta[-1], phi[0], phi[-1]) == (0.0, 90.0, 0.0, 360.0)
    assert phi.size - 1 == 4 * (theta.size - 1)
    assert np.allclose(h[..., 0], h[..., -1], rtol=1e-9, atol=1e-12 * np.abs(h).max())
    megahertz, z = za(folder)
    assert np.allclose(megahertz, frequency)
    parts = [np.load(folder / f"R{name}.npy") for name in ("sky", "moon", "loss")]
    for part in parts:
        assert np.allclose(part, np.conj(part.transpose(0, 2, 1)), rtol=1e-9, atol=1e-11)
        assert np.linalg.eigvalsh(part).min() >= -1e-8 * max(1.0, np.abs(part).max())
    assert np.abs(z - z.transpose(0, 2, 1)).max() <= 1e-9 * np.abs(z).max()
    herm = 0.5 * (z + np.conj(z.transpose(0, 2, 1)))
    scale = np.abs(np.diagonal(herm.real, axis1=1, axis2=2)).max(axis=1)
    residual = np.abs(sum(parts) - herm).max(axis=(1, 2)) / scale
    assert np.allclose(residual, told["lunar_antenna"]["closure"], rtol=1e-3, atol=1e-13)
    assert residual.max() <= closure
    found = monopole(frequency, theta, h)
    difference = np.abs(found - parts[0]).max(axis=(1, 2)) / np.abs(parts[0]).max(axis=(1, 2))
    assert difference.max() < 1e-4
    return h, parts


def test_a_crossed_bow_tie_on_a_lunar_soil(tmp_path):
    problem = la.Problem(
        la.load_geometry("crossed_bowtie"),
        la.load_soil("sourcebook_highland"),
        0.02,
        la.Band.mhz(12, 24, 2),
    )
    made = la.solve(problem)
    assert made.quality.power_closure.max() < 1e-6
    checked(la.export(made, tmp_path / "folder", "luseepy"), 1e-6)


def test_pairs_of_unlike_ports_are_in_its_sense(tmp_path):
    """Off-diagonals of R are complex there: a conjugate too few fails the monopole integral."""
    made = askew()
    _, (sky, moon, _) = checked(la.export(made, tmp_path / "folder", "luseepy"), 1e-5)
    assert np.abs(sky.imag).max() > 1e-3 * np.abs(sky).max()
    assert np.abs((sky + moon).imag).max() < 1e-5 * np.abs(sky).max()


def test_one_port_of_two_is_exported_with_the_other_open(tmp_path):
    made = askew()
    la.export(made, tmp_path / "one", "luseepy", port=2)
    _, z = za(tmp_path / "one")
    assert z.shape == (3, 1, 1)
    assert np.array_equal(z[:, 0, 0], made.z[:, 1, 1])
    assert [file.name for file in (tmp_path / "one").glob("eff*")] == ["effective_length_2.csv"]


def test_a_short_dipole_has_its_length_and_half_the_sky(tmp_path):
    """Rsky = half of eta0 (2 pi/3) (l/lambda)^2, the other half Rmoon; |h| = l sin(angle).

    Budget: rounding of the quadrature over the half sphere, 1e-9; 13 digits of the file.
    """
    length, azimuth = 0.4, 0.6
    made = short_dipole(length, azimuth)
    folder = la.export(made, tmp_path / "folder", "luseepy", step=2.5)
    h, (sky, moon, loss) = checked(folder, 1e-9)
    whole = ETA0 * 2.0 * np.pi / 3.0 * (length * made.frequency / C) ** 2
    assert np.allclose(sky[:, 0, 0], whole / 2.0, rtol=1e-9)
    assert np.allclose(moon[:, 0, 0], whole / 2.0, rtol=1e-9)
    assert not loss.any()
    assert json.loads((folder / "provenance.json").read_text())["LOSSMODEL"] == "PEC"
    theta, phi = np.deg2rad(np.linspace(0, 90, 37)), np.deg2rad(np.linspace(0, 360, 145))
    assert np.allclose(h[0, 0], length * np.outer(np.cos(theta), np.cos(phi - azimuth)), atol=1e-9)
    assert np.allclose(h[1, 0], length * -np.sin(phi - azimuth), atol=1e-9)


@pytest.mark.parametrize(
    ("broken", "arguments", "told"),
    [
        (lambda s: replace(s, r_ground=1.001 * s.r_ground), {}, "closes to .* takes 1e-05"),
        (
            lambda s: replace(s, r_metal=-s.r_metal, r_ground=s.r_ground + 2 * s.r_metal),
            {"v2": False}, "Rloss of this solution has an eigenvalue",
        ),
        (lambda s: s, {"step": 30.0}, "a grid of 30 degrees the integral of H .* a finer step"),
        (lambda s: s, {"terminated": 50.0}, "open-circuit effective lengths; leave terminated out"),
        (lambda s: s, {"v2": 1}, "v2 = 1; give true or false"),
        (lambda s: s, {"step": 7.0}, "does not divide 90 degrees"),
    ],
)  # fmt: skip
def test_what_its_contract_forbids_is_refused(tmp_path, broken, arguments, told):
    made = broken(solution(ports=2, stack=la.Stack.half_space(3.5), points=2))
    with pytest.raises(InputError, match=told) as caught:
        la.export(made, tmp_path / "folder", "luseepy", **arguments)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_one_frequency_is_too_few(tmp_path):
    made = solution(points=2)
    one = replace(
        made,
        elements=replace(made.elements, electric=made.elements.electric[:1]),
        **{
            name: getattr(made, name)[:1]
            for name in ("frequency", "z", "r_sky", "r_ground", "r_metal", "r_film")
        },
    )
    with pytest.raises(InputError, match="needs 2, this solution has 1; solve a band"):
        la.export(one, tmp_path / "folder", "luseepy")
    assert list(tmp_path.iterdir()) == []


def test_version_2_tells_the_share_of_the_sky(tmp_path):
    """sum |E|^2 gain_conv sin theta dtheta dphi/4 pi, as lusee.Beam has it: 2e-4 of its rule."""
    from astropy.io import fits

    made = askew()
    folder = la.export(made, tmp_path / "folder", "luseepy")
    for port in (1, 2):
        with fits.open(folder / f"beam_v2_{port}.fits") as file:
            head = dict(file[0].header)
            assert [head[f"{name}_N"] for name in ("FREQ", "THETA", "PHI")] == [3, 46, 181]
            assert (head["PHI_MIN"], head["PHI_MAX"], head["THETA_MAX"]) == (0.0, 360.0, 90.0)
            power = sum(
                file[f"E{name}_{part}"].data ** 2
                for name in ("theta", "phi")
                for part in ("real", "imag")
            )
            assert power.shape == (3, 46, 181)
            gain = power * file["gain_conv"].data[:, None, None]
            impedance = file["Z_real"].data + 1j * file["Z_imag"].data
            assert np.allclose(file["freq"].data, made.frequency / 1e6)
        step = np.deg2rad(2.0)
        area = np.sin(np.deg2rad(np.linspace(0.0, 90.0, 46))) * step * step
        share = (area[:, None] * gain[:, :, :-1]).sum(axis=(1, 2)) / (4.0 * np.pi)
        assert np.allclose(share, made.efficiency(port=port).sky, rtol=5e-4)
        assert np.allclose(impedance, made.z[:, port - 1, port - 1])
