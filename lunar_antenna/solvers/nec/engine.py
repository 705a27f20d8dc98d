"""One run of NEC-2 at one frequency through PyNEC, with its traps kept in this file.

* A context is used for one frequency and dropped; arrays are copied before that.
* PyNEC's speed of light is 299.795638e6 m/s: the frequency given to it is scaled so that the
  wavenumber is the true one (k enters NEC through the wavelength alone).
* numpy numbers are refused by its wrapper, so that everything is cast.
* Errors arrive as RuntimeError with no message.
"""

from __future__ import annotations

import importlib.util
import platform
import warnings
from typing import Any

import numpy as np

from ...conventions import SPEED_OF_LIGHT, ComplexArray
from ...errors import SolverError, one_line
from ..thin_wire.currents import Currents
from ..thin_wire.types import WireModel

WHEELS = (("Linux", "x86_64"), ("Darwin", "arm64"))
NEC_SPEED_OF_LIGHT = 299.795638e6  # m/s, measured on PyNEC 2.3.4: reproduces a second NEC-2 to 2e-7


def missing() -> str | None:
    """None if PyNEC can be imported, else the way to install it."""
    if importlib.util.find_spec("PyNEC") is None:
        why = _no_wheel(platform.system(), platform.machine())
        return f"PyNEC is not installed{why}; install it with: pip install PyNEC"
    try:
        _library()
    except Exception as error:  # of a wheel that does not fit, anything
        return (
            f"PyNEC cannot be loaded, {type(error).__name__}: {one_line(error)}; reinstall it "
            "with: pip install --force-reinstall PyNEC"
        )
    return None


def _no_wheel(system: str, machine: str) -> str:
    """Why pip leaves PyNEC out here, as the marker in pyproject.toml has it; "" where it does not.

    Looked up in the package index in November 2026.
    """
    if (system, machine) in WHEELS:
        return ""
    needs = "building it needs a C++ compiler and SWIG"
    return f": it has no wheel for {system} on {machine}, and {needs}"


def version() -> str:
    from importlib.metadata import version as of

    return f"PyNEC {of('PyNEC')}"


def _library() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # SWIG types without __module__
        import PyNEC

        return PyNEC


def _new_context() -> Any:
    library = _library()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return library.nec_context()


def run(model: WireModel, frequency: float, per_metre: ComplexArray | None) -> Currents:
    """Currents of ``model`` at ``frequency`` (Hz), every gap driven in turn.

    per_metre: (n_wire,) ohm/m in series with each wire, or None.
    Raises :class:`SolverError` where NEC fails or returns non-finite currents.
    """
    try:
        return _run(model, frequency, per_metre)
    except RuntimeError as error:
        raise SolverError(
            f"NEC failed at {frequency / 1e6:g} MHz on {len(model.wires)} wires ({error}); "
            "use another accuracy or solver"
        ) from error


def _run(model: WireModel, frequency: float, per_metre: ComplexArray | None) -> Currents:
    context = _new_context()
    geometry = context.get_geometry()
    for tag, wire in enumerate(model.wires, start=1):
        ends = [float(value) for value in (*wire.start, *wire.end)]
        geometry.wire(tag, int(wire.segments), *ends, float(wire.radius), 1.0, 1.0)
    context.geometry_complete(0)
    scaled = float(frequency) * NEC_SPEED_OF_LIGHT / SPEED_OF_LIGHT
    context.fr_card(0, 1, scaled / 1e6, 0.0)
    context.pq_card(0, 0, 0, 0)
    if per_metre is not None:
        for tag, wire in enumerate(model.wires, start=1):
            z = complex(per_metre[tag - 1]) * wire.segment_length
            if z != 0.0:
                context.ld_card(4, tag, 1, int(wire.segments), z.real, z.imag, 0.0)
    shape = (len(model.feeds), model.n_segments)
    current = np.zeros(shape, dtype=complex)
    charge = np.zeros(shape, dtype=complex)
    for row, feed in enumerate(model.feeds):
        for wire_number, segment, share in feed.sources:
            context.ex_card(
                0, wire_number + 1, segment + 1, 0, float(share), 0.0, 0.0, 0.0, 0.0, 0.0
            )
        context.xq_card(0)
        result = context.get_structure_currents(row)
        current[row] = np.array(result.get_current(), dtype=complex, copy=True)
        charge[row] = np.array(result.get_q_density(), dtype=complex, copy=True)
    del result, geometry, context
    if not (np.isfinite(current).all() and np.isfinite(charge).all()):
        raise SolverError(
            f"NEC returned non-finite currents at {frequency / 1e6:g} MHz; use another accuracy"
        )
    # charge is computed from NEC's own frequency: d I/d s = -j omega q
    return Currents(current, -2j * np.pi * scaled * charge)
