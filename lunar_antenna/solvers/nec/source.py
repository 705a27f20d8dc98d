"""The voltage that NEC's source drives wires with, from the balance of power.

A source of 1 V beside junctions of several wires, or beside shorter segments, acts like one of f V:
what the currents radiate and lose is f times what the source is said to deliver, the same at all
frequencies where the resistance counts.  f is taken where the antenna is half a wave long, so that
it does not depend on the frequencies asked for, and Z is put right by it.

Against planar solutions in free space: eight random fans of strips 5 to 25 % off in the median
before, 2 to 9 and one 18 % after it; a strip fed off its middle 3.4 and 0.2 %; and wide faces fed
by one segment or by three have f = 0.84 or 0.57, with the same f Z within a few per cent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import SPEED_OF_LIGHT, FloatArray
from ...geometry.layout import Layout
from ..thin_wire.model import extent_of
from ..thin_wire.ports import PortResult
from ..thin_wire.sweep import Point

SHARP = 0.05  # of |Z|: resistances below it tell little of f


def half_wave(layout: Layout) -> float:
    """The frequency, Hz, at which ``layout`` is half a wave long."""
    return SPEED_OF_LIGHT / (2.0 * extent_of(layout))


def source_voltages(result: PortResult) -> FloatArray:
    """(p,) f of ports of one gap each, 1 where its resistance tells nothing."""
    scale = np.abs(np.diagonal(result.z))
    said = np.diagonal(result.z).real / scale
    out = np.diagonal(result.r_sky + result.r_metal + result.r_film).real / scale
    f = (said * out + SHARP**2) / (said**2 + SHARP**2)
    return np.asarray(np.where(f > 0.0, f, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """voltage: (n_gap,) f.  open: (n_freq,) what the balance of power lacks afterwards, of
    the power; taken: (n_freq,) what was taken off the metal's loss, of the power."""

    voltage: FloatArray
    open: FloatArray
    taken: FloatArray

    @property
    def off(self) -> float:
        """Largest |f - 1|."""
        return float(np.abs(self.voltage - 1.0).max())

    def notes(self, tolerance: float) -> list[str]:
        """What is more than ``tolerance`` off."""
        said = []
        if self.off > tolerance:
            worst = float(self.voltage[int(np.argmax(np.abs(self.voltage - 1.0)))])
            said.append(
                f"average gain {worst:.3f} at half a wave, more than {100.0 * tolerance:g} % from "
                "1: Z is put right by it"
            )
        if self.taken.max() > tolerance:
            said.append(
                "currents round the cells of the grid lose more than the source delivers, up to "
                f"{100.0 * self.taken.max():.2g} % of all power: the metal's loss is what the "
                "balance of power leaves"
            )
        if self.open.max() > tolerance:
            said.append(f"the balance of power is open by {100.0 * self.open.max():.2g} %")
        return said


def balanced(points: list[Point], voltages: FloatArray, loops: bool) -> tuple[list[Point], Balance]:
    """The points with the losses that the balance of power leaves, and that of the answer.

    voltages: (n_gap,) f.  loops: where wires form cells, currents run round them at low frequencies
    that the source does not feed; the metal's loss is then at most what the balance leaves it.
    """
    mended, lacks, taken = [], [], []
    for point in points:
        result, lack, taken_off = _balanced(point.result, loops)
        check, moved = (_balanced(r, loops)[0] for r in (point.check, point.moved))
        mended.append(Point(point.index, result, check, moved))
        lacks.append(lack)
        taken.append(taken_off)
    return mended, Balance(voltages, np.array(lacks), np.array(taken))


def _balanced(result: PortResult, loops: bool) -> tuple[PortResult, float, float]:
    """With what is left for the metal; what the balance lacks; what was taken off the metal."""
    total, sky, metal, film = (
        np.diagonal(part).real for part in (result.z, result.r_sky, result.r_metal, result.r_film)
    )
    kept = np.ones_like(metal)
    if loops:
        left = np.clip(total - sky - film, 0.0, None)
        kept = np.divide(left, metal, out=kept, where=metal > left)
    lacks = float((np.abs(total - sky - film - kept * metal) / np.abs(total)).max())
    taken = float(((1.0 - kept) * metal / np.abs(total)).max())
    r_metal = result.r_metal * np.sqrt(np.outer(kept, kept))
    return replace(result, r_metal=r_metal), lacks, taken
