"""The stage of a study between search and check that polishes its best design.

All variables are moved together by linear programs (:mod:`.descent`), the study's goals seen
frequency by frequency (:mod:`.demands`), in the calling process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...common.blas import one_blas_thread
from ...common.parameter import Parameter
from ...conventions import FloatArray
from ...errors import InputError, SolverError
from ..port import PortModel
from ..response import Combine, Response
from ..study.goals import Goals
from ..study.trials import Evaluation
from .demands import Demands
from .descent import Spare, descend

Solve = Callable[[Mapping[str, float]], Sequence[Response]]
Draw = Callable[[Mapping[str, float]], object]
Told = Callable[[int, Spare, Mapping[str, float]], None]
Heard = Callable[[float, str], None]

TAKEN = 8  # programs from one taking of slopes to the next, where none has been seen yet


@dataclass(slots=True)
class Effort:
    """How far a polish is, in designs solved; it may end sooner, where no program leads on.

    slopes: designs that slopes take.  steps: programs wanted.  solved, steps_done: so far.
    """

    slopes: int
    steps: int
    heard: Heard
    solved: int = 0
    steps_done: int = 0
    short: float | None = None
    fraction: float = 0.0

    def a_design(self) -> None:
        """One more was solved."""
        self.solved += 1
        self.tell()

    def a_program(self, step: int, best: Spare) -> None:
        self.steps_done, self.short = step, best.short
        self.tell()

    def tell(self) -> None:
        """What is left is reckoned from the designs that a program took so far; never backwards."""
        first = 1 + self.slopes
        taken = max(0, self.solved - first) + TAKEN + self.slopes
        each = taken / (self.steps_done + TAKEN)
        left = max(0, first - self.solved) + (self.steps - self.steps_done) * each
        self.fraction = max(self.fraction, self.solved / (self.solved + left))
        text = f"polish {self.steps_done} of {self.steps}, {self.solved} designs solved"
        short = "" if self.short is None else f", short by {self.short:.4f}"
        self.heard(self.fraction, text + short)


@dataclass(slots=True, eq=False)
class Bench:
    """Judges designs of one study; what was solved lately is not solved again.

    solved: called after each design that was.
    """

    demands: Demands
    solve: Solve
    solved: Callable[[], None] = lambda: None
    _known: dict[tuple[float, ...], Sequence[Response] | None] = field(default_factory=dict)
    _values: dict[tuple[float, ...], dict[str, FloatArray]] = field(default_factory=dict)

    def responses(self, places: FloatArray) -> Sequence[Response] | None:
        """None where the candidate cannot be built or solved."""
        key = self.key(places)
        if key not in self._known:
            if len(self._known) > 3 * len(self.demands.variables):
                oldest = next(iter(self._known))
                del self._known[oldest], self._values[oldest]
            try:
                self._known[key] = self.solve(self.demands.values(places))
            except (InputError, SolverError):
                self._known[key] = None
            self._values[key] = {}
            self.solved()
        return self._known[key]

    def key(self, places: FloatArray) -> tuple[float, ...]:
        return tuple(places[list(self.demands.solved)].tolist())

    def judge(self, places: FloatArray) -> Spare | None:
        responses = self.responses(places)
        if responses is None:
            return None
        values = self.demands.values(places)
        return self.demands.of_design(responses, values, self._values[self.key(places)])

    def __call__(self, designs: Sequence[FloatArray]) -> list[Spare | None]:
        return [self.judge(places) for places in designs]


@one_blas_thread
def polish(
    solve: Solve,
    goals: Goals,
    port: PortModel,
    combine: Combine,
    variables: Sequence[Parameter],
    parameters: Mapping[str, float],
    steps: int,
    told: Told = lambda *_: None,
    draw: Draw = lambda _: None,
    heard: Heard = lambda *_: None,
) -> tuple[dict[str, float], Evaluation | None]:
    """(parameters, evaluation) of a better design; the given one where none was found.

    solve: of the study's variables by name; raises :class:`InputError` or :class:`SolverError`
    for what cannot be.  variables: the study's; whole numbers stay what they are.  The evaluation
    is by ``goals``, None where the given design cannot be solved.  told: the step, what the best so
    far has to spare, and its parameters.  draw: raises :class:`InputError` for what cannot be
    drawn.  heard: how much of it is done (0 to 1), and in words, after each solved design.
    """
    try:
        responses = solve(parameters)
    except (InputError, SolverError):
        return dict(parameters), None
    first = goals.evaluate(tuple(responses), port, parameters, combine)
    ends = responses[0].frequency[[0, -1]]
    demands = Demands.of(goals, port, combine, variables, first, (ends[0], ends[1]))
    names = {item.name for item in variables}
    fixed = {k: v for k, v in parameters.items() if all(k != i.name for i in demands.variables)}
    effort = Effort(sum(demands.solved), steps, heard)
    bench = Bench(demands, lambda values: solve({**fixed, **_own(values, names)}), effort.a_design)
    start = demands.begin(bench.judge, demands.start(parameters, first), first)

    def design(places: FloatArray) -> dict[str, float]:
        return {**fixed, **_own(demands.values(places), names)}

    def reached(step: int, best: Spare, places: FloatArray) -> None:
        told(step, best, design(places))
        effort.a_program(step, best)

    def possible(places: FloatArray) -> bool:
        try:
            draw(design(places))
        except InputError:
            return False
        return True

    places = descend(bench, start, demands.solved, steps, reached, possible)
    better = design(places)
    solved = bench.responses(places)
    if solved is None or np.array_equal(places, start):
        return dict(parameters), first
    evaluation = goals.evaluate(tuple(solved), port, better, combine)
    if evaluation.score <= first.score:
        return dict(parameters), first
    return better, evaluation


def _own(values: Mapping[str, float], names: set[str]) -> dict[str, float]:
    """Those of the study: neither a reference impedance that is scanned nor a band's edges."""
    return {name: value for name, value in values.items() if name in names}
