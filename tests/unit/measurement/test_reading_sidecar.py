"""The table beside a measurement: types, unknown keys, and tables that are none of its."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.common import catalogue
from lunar_antenna.errors import FileFormatError
from lunar_antenna.measurement.corrections.deembed import renormalised
from lunar_antenna.measurement.record import Measurement

S1P = "# MHz S RI R 50\n10 0.3 -0.2\n20 0.4 -0.2\n"
HEAD = 'kind = "measured"\n'


def load(folder: Path, toml: str | bytes) -> Measurement:
    (folder / "x.s1p").write_text(S1P)
    (folder / "x.toml").write_bytes(toml.encode() if isinstance(toml, str) else toml)
    return la.load_measurement(folder / "x.s1p")


# what is written, a word of the refusal besides file and key
WRONG = {
    'height = "0.5"': "not a number",
    "height = [0.5]": "not a number",
    "height = true": "not a number",
    "height = nan": "not finite",
    "height = inf": "not finite",
    "height = -0.1": "outside",
    "height = 1e5": "outside",
    "soil = 35": "not text",
    'soil = ["simple_eps35"]': "not text",
    'soil = ""': "not text",
    "geometry = 1.5": "not text",
    "geometry = {family = 'strip'}": "not text",
    "who = 3": "not text",
    "reference_plane = false": "not text",
    "instrument = []": "not text",
    "load = 50.0": "not text",
    "when = 2026": "not text",
    'z0 = "50"': "not a number",
    "z0 = 0": "outside",
    "z0 = [50.0]": "not a number",
    "truth = 1": "not a table",
    "heigth = 0.5": "did you mean 'height'",
    'soill = "simple_eps35"': "did you mean 'soil'",
    "zz = 50": "unknown key",
    "Height = 0.5": "unknown key",
    'kind = "measurd"': "kind",
    "kind = true": "kind",
    "height = 1e999": "TOML",
}


@pytest.mark.parametrize("line", WRONG)
def test_refused_with_file_and_key(tmp_path: Path, line: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        load(tmp_path, line if line.startswith("kind") else HEAD + line)
    message = str(caught.value)
    assert "x.toml" in message
    assert line.split()[0] in message or "TOML" in message
    assert WRONG[line] in message
    assert "\n" not in message


def test_every_key_of_the_guide(tmp_path: Path) -> None:
    m = load(
        tmp_path,
        HEAD + 'who = "N. N."\nwhen = 2026-05-04\nreference_plane = "hub"\nload = "none"\n'
        'geometry = "bowtie"\nsoil = "earth_dry_sand"\nheight = 0\nz0 = 100\n'
        "[notes]\nwind = 3\n",
    )
    assert (m.z0, m.metadata["height"]) == (100.0, 0)
    assert m.report is not None
    assert "when: 2026-05-04" in m.report.lines()


def test_a_written_copy_states_one_reference(tmp_path: Path) -> None:
    m = renormalised(load(tmp_path, HEAD + "z0 = 100\n"), 75.0)
    m.write(tmp_path / "copy.s1p")
    again = la.load_measurement(tmp_path / "copy.s1p")
    assert again.z0 == 75.0
    assert again.report is not None
    assert again.report.warnings == ()


def test_byte_order_mark_and_other_encodings(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf" + HEAD.encode()).kind == "measured"
    with pytest.raises(FileFormatError, match="UTF-8"):
        load(tmp_path, HEAD.encode() + b'who = "M\xfcller"\n')


@pytest.mark.parametrize("name", catalogue.names("geometries"))
def test_a_geometry_or_study_of_the_same_name_is_no_sidecar(tmp_path: Path, name: str) -> None:
    m = load(tmp_path, (catalogue.folder("geometries") / f"{name}.toml").read_bytes())
    assert m.kind == "unknown"
    assert m.metadata == {}
    assert m.report is not None
    assert "another table of the same name" in " ".join(m.report.warnings)


@pytest.mark.parametrize("name", catalogue.names("soil_models"))
def test_nor_is_a_soil(tmp_path: Path, name: str) -> None:
    m = load(tmp_path, (catalogue.folder("soil_models") / f"{name}.toml").read_bytes())
    assert m.metadata == {}
    assert np.isfinite(m.s).all()


def test_a_table_that_forgot_its_kind_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="kind"):
        load(tmp_path, 'who = "N. N."\nheight = 0.1\n')
    with pytest.raises(FileFormatError, match="family"):
        load(tmp_path, HEAD + 'family = "strip"\n')


@pytest.mark.parametrize("name", catalogue.names("measurements"))
def test_shipped_sidecars_pass(name: str) -> None:
    suffix = ".s2p" if name.endswith("fixture") else ".s1p"
    m = la.load_measurement(catalogue.folder("measurements") / f"{name}{suffix}")
    assert m.kind == "synthetic"
