"""What an inversion is asked for, as one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..circuit.waves import reference
from ..common.checks import every, flag, kind, whole
from ..errors import InputError
from .errors import ErrorModel

DEFAULT_FREE = ("eps_r", "loss_tangent", "height")


@dataclass(frozen=True, slots=True, eq=False)
class InversionSettings:
    """Settings of :func:`lunar_antenna.invert`; its keywords replace single ones of them.

    free, fixed: names of :data:`.prior.PARAMETERS` that are estimated, and values of others;
    eps_r, loss_tangent and conductivity are those of layer ``layer`` of the stack (0 is the
    uppermost).  priors: name -> (low, high), uniform; a parameter's own range where not given.
    z0: ohm, replaces the measurement's own reference.  posterior: sample it (needs emcee).
    workers: processes for the solver runs; None decides by the work.  check_model: hold the answer
    against other models (see :mod:`.model_check`), some ten seconds.
    """

    free: str | Sequence[str] = DEFAULT_FREE
    priors: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    layer: int = 0
    errors: ErrorModel = field(default_factory=ErrorModel)
    accuracy: str = "fine"
    z0: complex | None = None
    posterior: bool = False
    workers: int | None = None
    seed: int = 1
    check_model: bool = True

    def __post_init__(self) -> None:
        """One line for whatever is of another type than it must be."""
        if not isinstance(self.free, str):
            every("free", self.free, str, "names of parameters")
        kind("priors", self.priors, Mapping, "a table of name = (low, high)")
        kind("fixed", self.fixed, Mapping, "a table of name = value")
        kind("errors", self.errors, ErrorModel, "an ErrorModel, or leave it out")
        flag("posterior", self.posterior)
        flag("check_model", self.check_model)
        whole("seed", self.seed, low=0, high=2**32 - 1)
        if self.workers is not None:
            whole("workers", self.workers)
        if self.z0 is not None:
            reference(self.z0)

    def changed(self, **given: Any) -> InversionSettings:
        """The same with everything in ``given`` that is not None."""
        return replace(self, **{key: value for key, value in given.items() if value is not None})


def settings_of(given: InversionSettings | None, **keywords: Any) -> InversionSettings:
    """``given``, or all defaults, with the ``keywords`` that are not None in their place."""
    if given is not None and not isinstance(given, InversionSettings):
        raise InputError(
            f"settings is {type(given).__name__}; give la.InversionSettings(...) or keywords"
        )
    return (given or InversionSettings()).changed(**keywords)
