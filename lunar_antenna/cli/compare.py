"""``lunar-antenna compare``: a solution against measured reflection coefficients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError
from . import options
from .figures import check_figure, write_figure
from .output import Answer, say

if TYPE_CHECKING:
    from ..measurement.compare import Pair
    from ..measurement.correct import Corrected, Corrections
    from ..measurement.record import Measurement

HELP = """Hold a solution against measured .s1p: |S11|, Smith chart, differences, FSV grade.

Corrections apply to every measurement, from the analyser towards the antenna:
--osl, --deembed, --delay or --delay-to, --hub-capacitance.

\b
Example:
  lunar-antenna compare run.h5 measured.s1p --out overlay.png
  lunar-antenna compare run.h5 prototype_synthetic --deembed prototype_synthetic_fixture
  lunar-antenna compare run.h5 raw.s1p --osl open.s1p short.s1p load.s1p --delay 1.2e-9
"""


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("compare", help=HELP)(compare)


def compare(
    run: Annotated[Path, typer.Argument(metavar="RUN.h5", help="Written by solve --out.")],
    measured: Annotated[
        list[str],
        typer.Argument(metavar="MEASURED.s1p", help="Touchstone files or shipped names."),
    ],
    z0: Annotated[
        float | None,
        typer.Option("--z0", metavar="OHM", help="Reference; default the measurement's own."),
    ] = None,
    osl: Annotated[
        tuple[str, str, str] | None,
        typer.Option(metavar="OPEN SHORT LOAD", help="Raw sweeps of the three standards."),
    ] = None,
    deembed: Annotated[
        str | None,
        typer.Option(metavar="FIXTURE.s2p", help="Fixture to take off, port 2 at the antenna."),
    ] = None,
    delay: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Move the plane to the antenna, one way."),
    ] = None,
    delay_to: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Find the delay that brings it nearest to this sweep."),
    ] = None,
    hub_capacitance: Annotated[
        float | None,
        typer.Option(metavar="FARAD", help="Capacitance across the antenna to take off."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Overlay figure.")] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_figure(out, "--out")
    from ..checks import number
    from ..measurement.compare import compare as hold
    from ..measurement.correct import correct
    from ..store import load

    if z0 is not None:
        number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    solution = load(run)
    told: list[str] = []  # said once every file has been read: an error stands alone
    todo = _corrections(osl, deembed, delay, delay_to, hub_capacitance, told)
    corrected = [correct(_loaded(name, told), todo) for name in measured]
    comparison = hold(solution, [item.measurement for item in corrected], z0)
    for line in told:
        say(line)
    for item in corrected:
        _tell(item)
    if out is not None:
        from ..plotting.compare import plot_comparison

        write_figure(plot_comparison(comparison), out)
    for pair in comparison.pairs:
        which = f"{pair.measurement_name}: " if len(comparison.pairs) > 1 else ""
        for note in pair.notes:
            say(f"note: {which}{note}")
    document = {
        **comparison.to_dict(),
        "measurements": [_document(item) for item in corrected],
    }
    blocks = [_text(pair, item) for pair, item in zip(comparison.pairs, corrected, strict=True)]
    return Answer(document, "\n\n".join(blocks))


def _corrections(
    osl: tuple[str, str, str] | None,
    fixture: str | None,
    delay: float | None,
    delay_to: str | None,
    hub_capacitance: float | None,
    told: list[str],
) -> Corrections:
    """What the options ask for, every file read once."""
    from ..catalogue import find
    from ..checks import number
    from ..measurement.correct import Corrections
    from ..measurement.delay import MAX_DELAY

    if delay is not None:
        number("--delay", delay, low=-MAX_DELAY, high=MAX_DELAY, unit="s")
        if delay_to is not None:
            raise InputError("--delay and --delay-to are both given; leave one of them out")
    if hub_capacitance is not None:
        number("--hub-capacitance", hub_capacitance, low=0.0, high=1e-6, unit="F")
    taken_off = None
    if fixture is not None:
        given = Path(fixture).is_file()
        source = fixture if given else str(find("measurements", fixture, ".s2p"))
        taken_off = _loaded(source, told, brief=True)
    return Corrections(
        osl=None if osl is None else [_loaded(name, told, brief=True) for name in osl],
        fixture=taken_off,
        delay=delay,
        delay_to=None if delay_to is None else _loaded(delay_to, told, brief=True),
        hub_capacitance=hub_capacitance,
    )


def _loaded(name: str, told: list[str], *, brief: bool = False) -> Measurement:
    """The sweep; its import report is added to ``told``, with ``brief`` only what is odd in it."""
    from ..measurement.load import load_measurement

    result = load_measurement(name)
    report = result.report
    if report is not None and brief:
        told += [f"{report.path}: {text}" for text in (*report.repairs, *report.warnings)]
    elif report is not None:
        told += report.lines()
    return result


def _tell(item: Corrected) -> None:
    """The corrections of one measurement, on stderr."""
    for step in item.measurement.history:
        say(f"{item.measurement.name}: {step}")


def _delay_text(item: Corrected) -> str | None:
    fit = item.delay_fit
    if fit is None:
        return None
    return (
        f"delay found and applied: {fit.delay * 1e9:.4f} ns one way, rms |dGamma| to the target "
        f"{fit.rms_before:.4f} before, {fit.rms_after:.4f} after"
    )


def _document(item: Corrected) -> dict[str, Any]:
    fit = item.delay_fit
    return {
        "name": item.measurement.name,
        "kind": item.measurement.kind,
        "corrections": list(item.measurement.history),
        "delay_fit": None
        if fit is None
        else {"delay": fit.delay, "rms_before": fit.rms_before, "rms_after": fit.rms_after},
    }


def _text(pair: Pair, item: Corrected) -> str:
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
    found = _delay_text(item)
    if found is not None:
        lines.append(found)
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
