"""What a free-form study keeps: its rounds, and the outline of the best with corners moved."""

from __future__ import annotations

from dataclasses import dataclass

from ...conventions import ComplexArray, FloatArray, JsonDict
from ..study.trials import Evaluation
from .cells import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One traced design: its mask, spec and evaluation (normal).

    parameters: values of the network.  shift (n_scenario, n_freq) ohm and scale, the same shape:
    truth minus model, and truth over model of the sky share.  off: largest difference of mismatch
    efficiency between what the search saw and the traced outline, at z0.
    """

    mask: Mask
    spec: JsonDict
    evaluation: Evaluation
    parameters: dict[str, float]
    shift: ComplexArray
    scale: FloatArray
    off: float
    seconds: float

    def to_dict(self) -> JsonDict:
        return {
            "mask": self.mask.astype(int).tolist(),
            "evaluation": self.evaluation.to_dict(),
            "parameters": self.parameters,
            "shift": [self.shift.real.tolist(), self.shift.imag.tolist()],
            "scale": self.scale.tolist(),
            "off": self.off,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Polished:
    """A round's outline with its corners moved; steps: programs so far."""

    round: int
    steps: int
    parameters: dict[str, float]

    def to_dict(self) -> JsonDict:
        return {"round": self.round, "steps": self.steps, "parameters": self.parameters}
