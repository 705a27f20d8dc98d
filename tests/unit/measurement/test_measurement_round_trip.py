"""Round trips: what is written in any format, unit, version or as CSV is read back as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.record import Measurement

GAMMA = np.array([0.5 + 0.25j, -0.25 + 0.5j, 0.125 - 0.75j])
finite = st.floats(-1.0, 1.0, allow_nan=False, width=64)
MHZ = np.array([10.0, 20.0, 30.0])


def write(folder: Path, text: str, name: str = "x.s1p") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ports=st.integers(1, 3),
    points=st.integers(1, 6),
    z0=st.floats(1.0, 1e3),
    data=st.data(),
)
def test_write_then_read_is_exact(
    tmp_path: Path, ports: int, points: int, z0: float, data: st.DataObject
) -> None:
    """Doubles are written with all digits: the round trip loses nothing."""
    shape = (points, ports, ports)
    s = data.draw(arrays(float, shape, elements=finite)) + 1j * data.draw(
        arrays(float, shape, elements=finite)
    )
    s = passive(s)
    steps = data.draw(arrays(float, points, elements=st.floats(1.0, 1e6)))
    frequency = 1e6 + np.cumsum(steps)
    path = tmp_path / f"x.s{ports}p"
    Measurement(frequency, s, z0, name="round trip").write(path)
    back = la.load_measurement(path)
    assert np.array_equal(back.frequency, frequency)
    assert np.array_equal(back.s, s)
    assert back.z0 == z0


def passive(s: np.ndarray) -> np.ndarray:
    """``s`` (n, p, p) made small enough to be a passive part's, entry by entry non-zero still."""
    return s / max(1.0, float(np.linalg.norm(s, 2, axis=(1, 2)).max()))


UNITS = {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}
sizes = st.floats(1e-3, 1.0)
angles = st.floats(-180.0, 180.0)


def pair_text(value: complex, form: str) -> str:
    if form == "RI":
        return f"{value.real!r} {value.imag!r}"
    size = abs(value) if form == "MA" else 20.0 * float(np.log10(abs(value)))
    return f"{size!r} {float(np.angle(value, deg=True))!r}"


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ports=st.integers(1, 3),
    points=st.integers(1, 5),
    unit=st.sampled_from(sorted(UNITS)),
    form=st.sampled_from(["RI", "MA", "DB"]),
    version=st.sampled_from([1, 2]),
    order=st.sampled_from(["12_21", "21_12"]),
    z0=st.floats(1.0, 1e3),
    data=st.data(),
)
def test_every_way_of_writing_is_read_back(
    tmp_path: Path,
    ports: int,
    points: int,
    unit: str,
    form: str,
    version: int,
    order: str,
    z0: float,
    data: st.DataObject,
) -> None:
    """Versions 1 and 2, all units and formats, one to three ports, by a writer of the test's own.

    Budget: frequencies pass one division and one multiplication (2 ulp), values a logarithm or an
    angle and back: 1e-13 absolute on |S| <= 1.
    """
    shape = (points, ports, ports)
    size = data.draw(arrays(float, shape, elements=sizes))
    turn = data.draw(arrays(float, shape, elements=angles))
    s = passive(size * np.exp(1j * np.deg2rad(turn)))
    steps = data.draw(arrays(float, points, elements=st.floats(1e4, 1e6)))
    frequency = 1e7 + np.cumsum(steps)
    swap = ports == 2 and (version == 1 or order == "21_12")
    lines = [f"# {unit} S {form} R {z0!r}"]
    if version == 2:
        lines = ["[Version] 2.0", *lines, f"[Number of Ports] {ports}"]
        lines += [f"[Two-Port Data Order] {order}"] if ports == 2 else []
        lines += [f"[Number of Frequencies] {points}", "[Reference] " + f"{z0!r} " * ports]
        lines += ["[Network Data]"]
    for f, matrix in zip(frequency, s, strict=True):
        values = [pair_text(complex(v), form) for v in (matrix.T if swap else matrix).ravel()]
        lines.append(f"{float(f) / UNITS[unit]!r} " + " ".join(values))
    lines += ["[End]"] if version == 2 else []
    back = la.load_measurement(write(tmp_path, "\n".join(lines) + "\n", f"x.s{ports}p"))
    assert back.frequency == pytest.approx(frequency, rel=1e-15)
    assert np.abs(back.s - s).max() < 1e-13
    assert back.z0 == z0


CSV_HEADS = {
    "RI": "freq_{unit}{sep}re{sep}im",
    "MA": "Frequency ({unit}){sep}mag(S11){sep}phase(S11) deg",
    "DB": "f [{unit}]{sep}S11 dB{sep}S11 deg",
}


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    points=st.integers(1, 5),
    unit=st.sampled_from(sorted(UNITS)),
    form=st.sampled_from(sorted(CSV_HEADS)),
    sep=st.sampled_from([",", ";", "\t"]),
    decimal=st.sampled_from([".", ","]),
    data=st.data(),
)
def test_every_csv_is_read_back(
    tmp_path: Path,
    points: int,
    unit: str,
    form: str,
    sep: str,
    decimal: str,
    data: st.DataObject,
) -> None:
    """Separators comma, semicolon and tab; decimal commas beside semicolons; budget as above."""
    decimal = decimal if sep == ";" else "."
    size = data.draw(arrays(float, points, elements=sizes))
    turn = data.draw(arrays(float, points, elements=angles))
    s = size * np.exp(1j * np.deg2rad(turn))
    frequency = 1e7 + 1e5 * np.arange(points)
    lines = [CSV_HEADS[form].format(unit=unit, sep=sep)]
    for f, value in zip(frequency, s, strict=True):
        cells = [f"{float(f) / UNITS[unit]!r}", *pair_text(complex(value), form).split()]
        lines.append(sep.join(cells).replace(".", decimal))
    back = la.load_measurement(write(tmp_path, "\n".join(lines) + "\n", "x.csv"))
    assert back.frequency == pytest.approx(frequency, rel=1e-15)
    assert np.abs(back.s11() - s).max() < 1e-13


def test_writing_refuses_what_it_cannot_say(tmp_path: Path) -> None:
    m = Measurement(MHZ * 1e6, GAMMA, 50.0)
    with pytest.raises(InputError, match=r"\.s1p"):
        m.write(tmp_path / "x.s2p")
    with pytest.raises(InputError, match="real reference"):
        Measurement(MHZ * 1e6, GAMMA, 50.0 + 5j).write(tmp_path / "x.s1p")
    with pytest.raises(InputError, match="does not exist"):
        m.write(tmp_path / "no" / "x.s1p")
    assert list(tmp_path.iterdir()) == []
