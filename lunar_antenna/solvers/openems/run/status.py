"""How a run of the engine ended, read from its output: its return code says almost nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from ....conventions import FloatArray

# What the engine prints (version 0.0.35 and later) and what it means.  All but the first come
# with return code 0.
SIGNS: tuple[tuple[str, str, str], ...] = (
    (r"std::bad_alloc", "failed", "it ran out of memory or the mesh has no interior"),
    (r"Not enough lines in direction", "bad mesh", "the absorbing layers do not fit"),
    (r"unknown.*set to PEC", "bad boundary", "it does not know a boundary name"),
    (r"Unused primitive", "unused primitive", "a sheet lies on no mesh line"),
    (r"Error in Material-Property", "bad material", "a material has a bad value"),
    (r"Error in \S", "bad primitive", "a shape has a bad coordinate"),
    (
        r"debye relaxation time is to+ small",
        "skipped pole",
        "a Debye relaxation time is below the time step",
    ),
    (r"[Ff]ile size limit|No space left|HDF5.*(error|ERROR)|H5F?write", "disk full", "disk full"),
)
SIZE = re.compile(r"FDTD simulation size: (\d+)x(\d+)x(\d+)")
TIMESTEP = re.compile(r"FDTD timestep is: ([0-9.eE+-]+) s")
STEP = re.compile(r"Timestep:\s*(\d+).*?Energy: ~?(\S+)")
GROWN = 1e6  # V, for a source of volts
ENDED = re.compile(r"Time for (\d+) iterations")


@dataclass(frozen=True, slots=True)
class Log:
    """What was read from the output: cells, time step (s), last step, fault of the set-up."""

    cells: int = 0
    dt: float = 0.0
    last_step: int = 0
    unstable: bool = False
    fault: tuple[str, str] | None = None
    tail: str = ""


def read_log(text: str) -> Log:
    """Everything of interest in the engine's output so far."""
    size, timestep = SIZE.search(text), TIMESTEP.search(text)
    steps = STEP.findall(text)
    ended = ENDED.findall(text)  # short runs print no step on the way
    fault = None
    for pattern, kind, meaning in SIGNS:
        if re.search(pattern, text):
            fault = (kind, meaning)
            break
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Log(
        cells=int(np.prod([int(v) for v in size.groups()])) if size else 0,
        dt=float(timestep.group(1)) if timestep else 0.0,
        last_step=max([int(step) for step, _ in steps[-1:]] + [int(n) for n in ended], default=0),
        unstable=bool(steps) and "nan" in steps[-1][1].lower(),
        fault=fault,
        tail=lines[-1] if lines else "",
    )


@dataclass(frozen=True, slots=True)
class RunStatus:
    """state: "converged", "not converged", "unstable", "killed", "timeout", "failed", or one of
    the kinds in ``SIGNS``.  message: one line.  decay: last over largest port voltage.
    """

    state: str
    message: str
    seconds: float
    log: Log = field(default_factory=Log)
    decay: float = float("nan")

    @property
    def ok(self) -> bool:
        return self.state == "converged"


def classify(
    log: Log, code: int, *, timed_out: bool, seconds: float, voltage: FloatArray, allowed: float
) -> RunStatus:
    """Status of a finished run.

    voltage: (n,) port voltage over time, empty where there is none.  allowed: largest decay.
    """

    def status(state: str, message: str, decay: float = float("nan")) -> RunStatus:
        return RunStatus(state, message, seconds, log, decay)

    if timed_out:
        return status("timeout", f"stopped after {seconds:.0f} s, allow a longer timeout")
    if log.fault is not None:
        return status(log.fault[0], log.fault[1])
    if code == -25 or code == 153:
        return status("disk full", "a file reached the size limit or the disk is full")
    if code < 0:
        return status("killed", f"killed by signal {-code}, perhaps for lack of memory")
    if log.unstable or not np.all(np.isfinite(voltage)):
        return status("unstable", "the fields grew without limit; use a coarser accuracy")
    if code != 0:
        return status("failed", f"ended with code {code}: {log.tail[:120]}")
    peak = float(np.abs(voltage).max(initial=0.0))
    if peak > GROWN:
        return status("unstable", "the fields grew without limit; use another accuracy or solver")
    if voltage.size < 20 or peak == 0.0:
        return status("failed", "the port saw no field; the excitation lies on no mesh edge")
    decay = float(np.abs(voltage[-max(2, voltage.size // 10) :]).max() / peak)
    if decay > 1e3:
        return status("unstable", "the fields grew without limit", decay)
    if decay > allowed:
        return status(
            "not converged",
            f"the port voltage fell to {decay:.1e} of its peak, needed {allowed:.0e}",
            decay,
        )
    return status("converged", f"the port voltage fell to {decay:.1e} of its peak", decay)
