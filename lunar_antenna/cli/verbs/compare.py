"""``lunar-antenna compare``: simulations against measured reflection coefficients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import corrections as fix
from .. import options
from ..output import Answer, check_figure, figure_out, say, write_out
from ..simulations import Wanted, failed, simulations, split
from .base import Verb

if TYPE_CHECKING:
    from ...measurement.compare import Comparison, Pair
    from ...measurement.corrections.correct import Corrected

HELP = """Hold simulations against measured sweeps.

Gives an overlay, the differences and their grade by FSV.

First what is simulated: RUN.h5 of solve, or a GEOMETRY, which is solved here over the measured
band (or --band) on --soil; soil and height default to what the .toml beside the measurement says.
Then the sweeps. More runs may follow. Where all are sweeps the first is held against; one sweep
alone takes geometry, soil and height from its .toml.

Corrections apply to every measurement, from the analyser towards the antenna: --osl, --gate,
--differential, --deembed, --delay or --delay-to, --hub-capacitance.

\b
Example:
  lunar-antenna compare run.h5 measured.s1p --out overlay.png
  lunar-antenna compare edges_low_blade blade.s1p --soil metal_plane --height 1.04 --band 50:100
  lunar-antenna compare prototype_synthetic --deembed prototype_synthetic_fixture
  lunar-antenna compare site.csv raw.s1p --osl open.s1p short.s1p load.s1p --delay-to site.csv
"""


def compare(
    items: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN.h5|GEOMETRY]... MEASURED...",
            help="Simulations and sweeps (.s1p, .s2p, .csv, shipped names).",
        ),
    ],
    soil: options.Soil = None,
    height: options.HeightIfGiven = None,
    set_: options.Set = None,
    band: Annotated[
        str | None, typer.Option(metavar="LOW:HIGH", help="Solved band in MHz.")
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(parser=options.whole, metavar="N", help="Solved frequencies of --band."),
    ] = None,
    solver: options.SolverIfGiven = None,
    accuracy: options.AccuracyIfGiven = None,
    z0: Annotated[
        float | None,
        typer.Option("--z0", metavar="OHM", help="Reference; default the measurement's own."),
    ] = None,
    measured_z0: fix.MeasuredZ0 = None,
    osl: fix.Osl = None,
    gate: fix.Gate = None,
    differential: fix.Differential = False,
    deembed: fix.Deembed = None,
    antenna_port: fix.AntennaPort = 2,
    delay: fix.Delay = None,
    delay_to: fix.DelayTo = None,
    hub_capacitance: fix.HubCapacitance = None,
    repeats: fix.Repeats = False,
    vna_accuracy: fix.VnaAccuracy = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Overlay figure.")] = None,
    fsv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Figure of FSV, point by point and in classes."),
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_figure(out, "--out")
    check_figure(fsv, "--fsv")
    from ...common.checks import number
    from ...measurement.compare import compare as hold

    if z0 is not None:
        number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    reader = fix.Reader(
        fix.Request(
            measured_z0, osl, gate, differential, deembed, antenna_port, delay, delay_to,
            hub_capacitance, repeats, vna_accuracy,
        )
    )  # fmt: skip
    simulated, measured = split(items)
    wanted = Wanted(soil, height, set_, band, points, solver, accuracy)
    wanted.check(simulated)
    sweeps = reader.sweeps(measured)
    against = simulations(simulated, sweeps, wanted, reader)
    target = fix.as_sweep(against[0], sweeps[0]) if len(against) == 1 else None
    corrected = reader.corrected(sweeps, target)
    comparison = hold(
        against, [item.measurement for item in corrected], z0,
        uncertainty=[item.uncertainty for item in corrected],
    )  # fmt: skip
    reader.say_notes(corrected)
    _say_notes(comparison)
    unwritten = _write(comparison, out, fsv)
    document = {
        **comparison.to_dict(),
        "details": [pair.details() for pair in comparison.pairs],
        "measurements": [fix.document(item) for item in corrected],
    }
    blocks = [_text(pair, corrected[pair.index[1]]) for pair in comparison.pairs]
    code = unwritten or (3 if failed(against) else 0)
    return Answer(document, "\n\n".join(blocks), exit_code=code)


def _write(comparison: Comparison, out: Path | None, fsv: Path | None) -> int:
    """Figures, that of FSV for the first pair; the exit code."""
    from ...plotting.compare import plot_comparison
    from ...plotting.fsv import plot_fsv

    files = []
    if fsv is not None:
        files.append(figure_out(lambda: plot_fsv(comparison.first), fsv))
    if out is not None:
        files.append(figure_out(lambda: plot_comparison(comparison), out))
    return write_out(*files)


def _say_notes(comparison: Comparison) -> None:
    for pair in comparison.pairs:
        which = f"{pair.measurement_name}: " if len(comparison.pairs) > 1 else ""
        for note in pair.notes:
            say(f"note: {which}{note}")


def _text(pair: Pair, item: Corrected) -> str:
    low, high = pair.frequency[0] / 1e6, pair.frequency[-1] / 1e6
    kind = "kind not stated" if pair.measurement_kind == "unknown" else pair.measurement_kind
    z0 = complex(pair.z0)
    lines = [
        f"{pair.simulation_name} against {pair.measurement_name} ({kind})",
        f"{pair.frequency.size} points, {low:g} to {high:g} MHz, z0 {z0.real:g} ohm",
        f"|S11| difference: rms {pair.rms_db:.3f} dB, max {pair.max_db:.3f} dB; "
        f"rms of |Gamma| {pair.rms_magnitude:.4f}",
        f"complex difference: rms {pair.rms_gamma:.4f}",
        f"resonance, measured - {pair.against}: {_resonance(pair)}",
        f"width matched (|Gamma|^2 <= 0.1), measured - {pair.against}: {_bands(pair)}",
    ]
    found = fix.delay_text(item)
    if found is not None:
        lines.append(found)
    grades = pair.fsv
    if grades is not None:
        lines.append(
            f"FSV of |S11| in dB: ADM {grades.adm:.3f}, FDM {grades.fdm:.3f}, "
            f"GDM {grades.gdm:.3f} ({grades.grade})"
        )
    if pair.within_uncertainty is not None:
        lines.append(f"inside the uncertainty: {100.0 * pair.within_uncertainty:.0f} % of points")
    return "\n".join(lines)


def _resonance(pair: Pair) -> str:
    both = pair.resonance
    if both is None:
        return "no two of one kind within 20 % of each other"
    first, second = (item.frequency / 1e6 for item in both)
    return f"{second - first:+.4f} MHz ({pair.against} {first:.4f} MHz)"


def _bands(pair: Pair) -> str:
    shift = pair.bandwidth_shift
    if shift is not None:
        return f"{shift / 1e6:+.4f} MHz"
    names = (pair.against, "measured")
    lacking = [name for name, band in zip(names, pair.bands, strict=True) if band is None]
    return f"no such band {' or '.join(lacking)}"


VERB = Verb("compare", HELP, compare)
