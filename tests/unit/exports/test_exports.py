"""Export formats: what is written is the solution, whole or not at all."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace

import numpy as np
import pytest
import skrf
from hand_made import solution
from outside_package import install

import lunar_antenna as la
from lunar_antenna.common import registry
from lunar_antenna.errors import InputError
from lunar_antenna.exports.registry import FORMATS
from lunar_antenna.store import MATRICES

SHARES = ("mismatch", "sky", "ground", "metal", "film", "coupled", "realised")


@pytest.fixture(scope="module")
def two():
    return solution(ports=2)


def table(path):
    """Columns by name and the lines of comment."""
    lines = path.read_text().splitlines()
    comments = [line for line in lines if line.startswith("#")]
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    columns = {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}
    return columns, comments


@pytest.mark.parametrize("z0", [50.0, 100.0])
def test_touchstone_holds_all_ports(two, tmp_path, z0):
    path = la.export(two, tmp_path / "run.s2p", "touchstone", z0=z0)
    read = skrf.Network(str(path))
    assert np.array_equal(read.f, two.frequency)
    assert np.allclose(read.z0, z0)
    assert np.allclose(read.s, two.network(z0).s, rtol=1e-12, atol=1e-15)
    back = la.load_measurement(path)
    assert np.allclose(back.s, two.network(z0).s, rtol=1e-12, atol=1e-15)
    assert f"problem {two.provenance.problem_digest}" in path.read_text()


@pytest.mark.parametrize("ports", [2, 3])
def test_touchstone_has_a_reference_a_port(tmp_path, ports):
    """Version 2: S of power waves at 50 and 120 ohm; the same Z whoever reads it."""
    made = solution(ports=2, points=4)
    rows = np.array([0, 1, 1])[:ports]
    made = replace(made, **{name: getattr(made, name)[:, rows][:, :, rows] for name in MATRICES})
    made.z[:, range(ports), range(ports)] += 30.0 * np.arange(ports)
    references = (50.0, 120.0, 75.0)[:ports]
    path = la.export(made, tmp_path / f"run.s{ports}p", z0=references)
    read = skrf.Network(str(path))
    assert np.allclose(read.z0, references)
    assert np.allclose(read.z, made.z, rtol=1e-9)
    expected = (made.z - np.diag(references)) @ np.linalg.inv(made.z + np.diag(references))
    root = np.sqrt(np.array(references))
    assert np.allclose(read.s, expected * root / root[:, None], rtol=1e-9, atol=1e-12)
    with pytest.raises(InputError, match=rf"z0 holds 4 references for {ports} port\(s\)"):
        la.export(made, tmp_path / f"other.s{ports}p", z0=[50.0, 60.0, 70.0, 80.0])


@pytest.mark.parametrize("terminated", [None, 70.0, 20 - 30j])
def test_touchstone_of_one_port(two, tmp_path, terminated):
    path = la.export(two, tmp_path / "run.s1p", port=2, terminated=terminated)
    expected = two.s11(100.0, port=2, terminated=terminated)
    assert np.allclose(la.load_measurement(path).s11(), expected, rtol=1e-12)


@pytest.mark.parametrize(("port", "terminated"), [(None, None), (None, 60.0), (2, None)])
def test_csv_holds_matrices_and_efficiencies_to_the_last_digit(two, tmp_path, port, terminated):
    path = la.export(two, tmp_path / "run.csv", port=port, terminated=terminated, z0=75.0)
    columns, comments = table(path)
    assert np.array_equal(columns["frequency_hz"], two.frequency)
    for name in ("z", "r_sky", "r_ground", "r_metal", "r_film"):
        for i in (1, 2):
            for j in (1, 2):
                entry = columns[f"{name}_{i}_{j}_re"] + 1j * columns[f"{name}_{i}_{j}_im"]
                assert np.array_equal(entry, getattr(two, name)[:, i - 1, j - 1])
    for index in (1, 2):
        if port not in (None, index):
            assert f"sky_{index}" not in columns
            continue
        expected = two.efficiency(75.0, port=index, terminated=terminated)
        for name in SHARES:
            assert np.array_equal(columns[f"{name}_{index}"], getattr(expected, name)), name
    assert any("source of 75 ohm" in line for line in comments)


@pytest.mark.parametrize("stack", [la.Stack.free_space(), la.Stack.half_space(3.5)])
def test_csv_of_cuts_holds_field_and_gain(tmp_path, stack):
    made = solution(ports=2, stack=stack, points=2)
    path = la.export(made, tmp_path / "cut.csv", cuts=[0, 37.5], step=15, terminated=50.0)
    columns, comments = table(path)
    lowest = 180.0 if stack.is_free_space else 90.0
    assert columns["theta_deg"].max() == lowest
    assert columns["theta_deg"].size == 2 * 2 * 2 * (lowest / 15 + 1)
    assert any("ended in 50.0 ohm" in line for line in comments)
    for port in (1, 2):
        rows = (columns["port"] == port) & (columns["frequency_hz"] == made.frequency[1])
        rows &= columns["theta_deg"] < 90
        theta, phi = (columns[f"{name}_deg"][rows][:, None] for name in ("theta", "phi"))
        at = made.far_field(
            float(made.frequency[1]), theta, phi, port=port, terminated=50.0, degrees=True
        )
        for name in ("e_theta", "e_phi"):
            found = columns[f"{name}_re"] + 1j * columns[f"{name}_im"]
            assert np.allclose(found[rows], getattr(at, name)[:, 0], rtol=1e-12, atol=1e-14)
        assert np.allclose(columns["gain_dbi"][rows], at.gain_db[:, 0])


def test_a_cut_below_ground_is_refused(tmp_path):
    made = solution(stack=la.Stack.half_space(3.5), points=2)
    with pytest.raises(InputError, match="lowest = 120 degrees is below ground"):
        la.export(made, tmp_path / "cut.csv", cuts=0, lowest=120)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("run.s1p", {}, r"does not fit 2 port\(s\); end the name in .s2p"),
        ("run.s2p", {"port": 1}, r"does not fit 1 port\(s\); end the name in .s1p"),
        ("run.s2p", {"format": "csv"}, "does not end as format csv does; end it in .csv"),
        ("run.xyz", {}, "no format has; give the format: csv, .*touchstone"),
        ("run.h5", {}, r"several have \(everybeam, spherical\); give the format: csv"),
        (
            "run.csv",
            {"format": "cvs"},
            r"export format 'cvs' is not known; .*exports: csv, .*touch",
        ),
        (
            "run.csv",
            {"stop": 3},
            "export format csv has no option 'stop'; it has z0, cuts",
        ),
        ("run.csv", {"z0": -3.0}, "z0 = -3 ohm is outside"),
        ("run.csv", {"cuts": "North"}, "cuts = 'North' is not a number"),
        ("run.csv", {"cuts": 400}, "cuts = 400 degrees is outside"),
        ("run.csv", {"cuts": 0, "lowest": 181}, "lowest = 181 degrees is outside"),
        ("run.csv", {"port": 3}, "this solution has ports 1 to 2"),
        ("run.csv", {"port": 0}, "this solution has ports 1 to 2"),
        ("run.csv", {"port": True}, "this solution has ports 1 to 2"),
        ("run.s2p", {"terminated": 50.0}, "touchstone holds all ports"),
        ("nowhere/run.csv", {}, "does not exist"),
    ],
)
def test_what_cannot_be_written_is_said_and_leaves_nothing(two, tmp_path, name, arguments, told):
    with pytest.raises(InputError, match=told) as caught:
        la.export(two, tmp_path / name, **arguments)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_only_solutions_are_exported(tmp_path):
    with pytest.raises(InputError, match="export of a Stack"):
        la.export(la.Stack.free_space(), tmp_path / "x.csv")


FOLDER = """
from dataclasses import dataclass
from lunar_antenna.errors import InputError
from lunar_antenna.exports.base import Format

@dataclass(frozen=True, slots=True)
class Pair(Format):
    name = "pair"
    far_field = True
    fail: bool = False

    def write(self, solution, path, port, terminated):
        (path / "a.txt").write_text(f"{solution.n_ports} {port} {terminated}")
        if self.fail:
            raise InputError("half of it is there")
        (path / "b.txt").write_text("b")
"""


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A format of a package outside that makes a folder of two files."""
    packages = tmp_path / "packages"
    install(packages, "pairs", {"pairs.py": FOLDER}, {"exports": {"pair": "pairs:Pair"}})
    monkeypatch.syspath_prepend(str(packages))
    registry._installed.cache_clear()
    FORMATS.refresh()
    yield tmp_path
    monkeypatch.undo()
    registry._installed.cache_clear()
    FORMATS.refresh()
    sys.modules.pop("pairs", None)


def test_a_folder_appears_when_it_is_complete(two, folders):
    target = folders / "out"
    with pytest.raises(InputError, match="half of it"):
        la.export(two, target, "pair", fail=True)
    assert [item.name for item in folders.iterdir()] == ["packages"]
    target.mkdir()
    assert la.export(two, target, "pair", port=2, terminated=5.0) == target
    assert (target / "a.txt").read_text() == "2 2 5.0"
    assert (target / "b.txt").read_text() == "b"
    with pytest.raises(InputError, match="not an empty folder"):
        la.export(two, target, "pair")
    assert {item.name for item in folders.iterdir()} == {"packages", "out"}
