"""``lunar-antenna compare``: a solution against a measured reflection coefficient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .figures import check_figure, write_figure
from .output import Answer, say

if TYPE_CHECKING:
    from ..measurement.compare import Pair

HELP = """Hold a solution against a measured .s1p: |S11|, Smith chart, differences, FSV grade.

\b
Example:
  lunar-antenna compare run.h5 measured.s1p --out overlay.png
  lunar-antenna compare run.h5 prototype_synthetic --deembed prototype_synthetic_fixture
"""


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("compare", help=HELP)(compare)


def compare(
    run: Annotated[Path, typer.Argument(metavar="RUN.h5", help="Written by solve --out.")],
    measured: Annotated[
        str, typer.Argument(metavar="MEASURED.s1p", help="Touchstone file or a shipped name.")
    ],
    z0: Annotated[
        float | None,
        typer.Option("--z0", metavar="OHM", help="Reference; default the measurement's own."),
    ] = None,
    deembed: Annotated[
        str | None,
        typer.Option(metavar="FIXTURE.s2p", help="Fixture to take off the measurement first."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Overlay figure.")] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_figure(out)
    from ..checks import number
    from ..measurement.compare import compare as hold
    from ..measurement.load import load_measurement
    from ..store import load

    if z0 is not None:
        number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    measurement = load_measurement(measured)
    if measurement.report is not None:
        for line in measurement.report.lines():
            say(line)
    if deembed is not None:
        from ..catalogue import find
        from ..measurement.deembed import deembed as without

        fixture = load_measurement(find("measurements", deembed, ".s2p"))
        measurement = without(measurement, fixture)
    comparison = hold(load(run), measurement, z0)
    if out is not None:
        from ..plotting.compare import plot_comparison

        write_figure(plot_comparison(comparison), out)
    for note in comparison.first.notes:
        say(f"note: {note}")
    return Answer(comparison.to_dict(), _text(comparison.first))


def _text(pair: Pair) -> str:
    low, high = pair.frequency[0] / 1e6, pair.frequency[-1] / 1e6
    shift = pair.resonance_shift
    grades = pair.fsv
    lines = [
        f"{pair.simulation_name} against {pair.measurement_name} ({pair.measurement_kind})",
        f"{pair.frequency.size} points, {low:g} to {high:g} MHz, z0 {pair.z0:g} ohm",
        f"|S11| difference: rms {pair.rms_db:.3f} dB, max {pair.max_db:.3f} dB",
        f"complex difference: rms {pair.rms_gamma:.4f}",
        "resonance shift (measured - simulated): "
        + ("none in the band" if shift is None else f"{shift / 1e6:+.4f} MHz"),
    ]
    if grades is not None:
        numbers = grades.to_dict()
        lines.append(
            "FSV "
            + ", ".join(
                f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}"
                for key, value in numbers.items()
            )
        )
    return "\n".join(lines)
