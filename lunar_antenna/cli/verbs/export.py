"""``lunar-antenna export``: a solution in the formats of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from .. import options
from ..output import Answer, check_writable, say
from .base import Verb

if TYPE_CHECKING:
    from ...solution import Solution

HELP = """Write a solution as Touchstone S-parameters.

\b
Example:
  lunar-antenna export run.h5 --format touchstone --out run.s1p
"""
FORMATS = ("touchstone",)


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN.h5", help="Written by solve --out.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to write.")],
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help=", ".join(FORMATS))
    ] = "touchstone",
    z0: options.Reference = 100.0,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    from ...common.checks import choice, number
    from ...common.files import write_text
    from ...solution import load

    choice("--format", format_, FORMATS)
    number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    check_writable(out, "run.s1p")
    solution = load(run)
    expected = f".s{solution.n_ports}p"
    if out.suffix.lower() != expected:
        raise InputError(
            f"--out {out} does not fit {solution.n_ports} port(s); end the name in {expected}"
        )
    write_text(out, touchstone(solution, z0))
    say(f"written: {out}")
    document = {
        "format": format_,
        "out": str(out),
        "z0": z0,
        "ports": solution.n_ports,
        "points": solution.frequency.size,
    }
    return Answer(document, f"{solution.frequency.size} points at z0 {z0:g} ohm in {out}")


def touchstone(solution: Solution, z0: float) -> str:
    """Touchstone version 1 text, real and imaginary parts, Hz, with its origin as comments."""
    origin = solution.provenance
    head = (
        f"! lunar-antenna {origin.package_version}, solver {origin.solver}, {origin.created}\n"
        f"! layout {solution.problem.layout.name}, soil {solution.problem.stack.name}, "
        f"height {solution.problem.height:g} m\n"
        f"! problem {origin.problem_digest}\n"
    )
    network = solution.network(z0)
    network.frequency.unit = "hz"
    text = network.write_touchstone(
        "unused.s1p", form="ri", return_string=True, skrf_comment=False, r_ref=z0
    )
    return head + str(text)


VERB = Verb("export", HELP, export)
