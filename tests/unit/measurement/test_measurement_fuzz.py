"""Whatever the bytes: a measurement, or an error of this package in one line."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lunar_antenna as la
from lunar_antenna.errors import InputError

GOOD = (
    b"BEGIN\n#48066!Agilent N9923A\n! 50 MHz\n# MHz S DB R 50\n"
    b"10 -1.5 20.5\n20 -3.25 -40\n30 -0.5 170\nEND\n",
    b"[Version] 2.0\n# GHz S MA R 50\n[Number of Ports] 2\n[Two-Port Data Order] 12_21\n"
    b"[Number of Frequencies] 1\n[Reference] 50 75\n[Network Data]\n"
    b"1 .1 0 .2 0 .3 0 .4 0\n[End]\n",
    b"freq_MHz,re,im\n10,0.5,0.25\n20,-0.25,0.5\n",
)
NAMES = st.sampled_from(["x.s1p", "x.s2p", "x.S1P", "x.ts", "x.csv", "x.s3p", "x.txt"])
WORDS = st.sampled_from(
    """# Hz S RI R 50|DB|BEGIN|END|[Version] 2.0|[Reference]|!|#|nan|1e999|0|-1|1,5|1;5
|10 0.5 0.5|\t|[End]|R|[Matrix Format] Lower|1_0""".replace("\n", "").split("|")
)


def survives(name: str, content: bytes) -> None:
    """A finite, ordered measurement or one line of refusal; nothing else may escape."""
    message = ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            m = la.load_measurement(path)
        except InputError as error:
            message = str(error)
    if message:
        assert "\n" not in message
        assert len(message) < 600
    else:
        assert np.isfinite(m.s).all()
        assert np.all(np.diff(m.frequency) > 0.0)


@settings(max_examples=150, deadline=None)
@given(NAMES, st.binary(max_size=200))
def test_any_bytes(name: str, content: bytes) -> None:
    survives(name, content)


@settings(max_examples=300, deadline=None)
@given(NAMES, st.lists(st.lists(WORDS, max_size=6), max_size=8))
@example("x.s1p", [["# Hz S RI R 50"], ["10", "0", "0"]])
def test_any_words(name: str, lines: list[list[str]]) -> None:
    survives(name, "\n".join(" ".join(line) for line in lines).encode())


@settings(max_examples=400, deadline=None)
@given(
    NAMES,
    st.sampled_from(GOOD),
    st.integers(0, 250),
    st.integers(0, 20),
    st.binary(max_size=4),
)
def test_any_damage_to_a_good_file(
    name: str, good: bytes, place: int, cut: int, put: bytes
) -> None:
    """Bytes cut out and put in anywhere."""
    survives(name, good[:place] + put + good[place + cut :])
