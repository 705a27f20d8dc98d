"""Noise of a two-port as two sources at its input (Rothe and Dahlke, Proc. IRE 44, 811, 1956)."""

from __future__ import annotations

from typing import NamedTuple

from ..conventions import ComplexArray, FloatArray


class Sources(NamedTuple):
    """Voltage e in series and current i across, ahead of a noiseless input, each (n,).

    voltage: <|e|^2> V^2/Hz.  current: <|i|^2> A^2/Hz.  cross: <i e*> V A/Hz.
    """

    voltage: FloatArray
    current: FloatArray
    cross: ComplexArray
