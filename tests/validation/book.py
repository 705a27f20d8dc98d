"""The page of a run of the matrix: counts, tables, the largest disagreements, one figure."""

from __future__ import annotations

import argparse
import itertools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from lunar_antenna.plotting.save import save_figure
from lunar_antenna.plotting.style import CYCLE, GREY, new_figure, styled

PAGE = "book.md"
FIGURE = "book.png"
LARGEST = 5


def write_book(
    results: Path, folder: Path, wanted: int, page_name: str = PAGE, figure_name: str = FIGURE
) -> Path:
    """Page and figure in ``folder`` of the lines of ``results``; ``wanted``: problems in all."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    by_pair: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        for name, values in row["pairs"].items():
            by_pair[name].append({**values, "name": row["name"], "group": row["group"]})
    (folder / figure_name).parent.mkdir(parents=True, exist_ok=True)
    _figure(by_pair, folder / figure_name)
    parts = [
        "# The solvers held against each other\n",
        f"{len(rows)} of {wanted} problems"
        + ("" if len(rows) >= wanted else ": a partial run")
        + f"; {sum(bool(row['pairs']) for row in rows)} were solved by two solvers or more, "
        f"{sum(len(row['by']) > 2 for row in rows)} by three or more. Made by "
        "`python -m tests.validation.matrix`; each difference is judged against the sum of both "
        "stated errors, `z_error`.\n",
        _versions(rows),
        "## Each pair of solvers\n",
        _pairs(by_pair),
        f"![Difference of Z over the sum of the stated errors]({figure_name})\n",
        "## Every family over a half-space\n",
        "Median / largest |dZ|/|Z| over all frequencies, in per cent, of the problems that both "
        "solve. *Thin*: the family with strips as narrow and even as a wire asks, PEC, 0.3 m over "
        "eps_r = 3.5, tan delta = 0.01.\n",
        _families(rows),
        f"## The {LARGEST} largest disagreements\n",
        _largest(by_pair),
        "## What was refused\n",
        _refused(rows),
    ]
    page = folder / page_name
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def _table(head: tuple[str, ...], body: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in body), ""])


def _versions(rows: list[dict[str, Any]]) -> str:
    found: dict[str, str] = {}
    for row in rows:
        found.update({name: item["version"] for name, item in row["by"].items()})
    counts = {name: sum(name in row["by"] for row in rows) for name in found}
    told = "; ".join(f"{name} {counts[name]} problems ({found[name]})" for name in sorted(found))
    return f"{told}.\n"


def _pairs(by_pair: dict[str, list[dict[str, Any]]]) -> str:
    body = []
    for name in sorted(by_pair):
        items = by_pair[name]
        off, stated, gamma = (
            np.concatenate([item[key] for item in items]) for key in ("dz", "stated", "dgamma")
        )
        trusted = np.concatenate([[item["trusted"]] * len(item["dz"]) for item in items])
        covered = off[trusted] <= stated[trusted]
        share = f"{100.0 * np.mean(off <= stated):.1f} % / "
        share += "-" if covered.size == 0 else f"{100.0 * covered.mean():.1f} %"
        chroma = [item["chromaticity_mk"] for item in items if item.get("chromaticity_mk")]
        body.append(
            (
                name,
                f"{len(items)}, {off.size}",
                f"{100.0 * np.median(off):.2f} / {100.0 * np.quantile(off, 0.95):.2f} / "
                f"{100.0 * off.max():.1f}",
                f"{np.median(gamma):.4f} / {gamma.max():.3f}",
                share,
                f"{np.median([max(item['shares'].values()) for item in items]):.4f}",
                f"{np.median([item['gain_db'] for item in items]):.2f}",
                f"{np.median(chroma):.3g}" if chroma else "-",
            )
        )
    head = (
        *("pair", "problems, frequencies", "dZ/Z median / 95 % / largest, %"),
        *("dGamma (200 ohm) median / largest", "within both errors / where both converged"),
        *("share, median", "gain, dB, to 60°", "5-term residual, mK"),
    )
    return _table(head, body)


def _families(rows: list[dict[str, Any]]) -> str:
    cells: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    names: set[str] = set()
    for row in rows:
        if row["layers"] != 1:
            continue
        for name, values in row["pairs"].items():
            cells[row["group"]][name] += values["dz"]
            names.add(name)
    ordered = sorted(names)

    def told(values: list[float]) -> str:
        return f"{100.0 * np.median(values):.2f} / {100.0 * max(values):.1f}" if values else "-"

    body = [(group, *(told(cells[group][name]) for name in ordered)) for group in sorted(cells)]
    return _table(("family", *ordered), body)


def _largest(by_pair: dict[str, list[dict[str, Any]]]) -> str:
    """By how often the difference exceeds the stated errors, where both say converged."""
    found = []
    for name, items in by_pair.items():
        for item in items:
            if not item["trusted"]:
                continue
            ratio = np.array(item["dz"]) / np.array(item["stated"])
            worst = int(np.nanargmax(ratio))
            found.append((float(ratio[worst]), name, item["name"], item["dz"][worst], worst))
    found.sort(reverse=True)
    body = [
        (case, name, f"{100.0 * off:.2f} %", f"{ratio:.2f}")
        for ratio, name, case, off, _ in found[:LARGEST]
    ]
    return _table(("problem", "pair", "dZ/Z", "over both errors"), body)


def _refused(rows: list[dict[str, Any]]) -> str:
    count: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        for name, reason in row["refused"].items():
            words = "".join("#" if letter.isdigit() else letter for letter in reason)
            count[name, words.split(";")[0][:90]] += 1
    body = [
        (name, str(number), reason.replace("|", "/"))
        for (name, reason), number in sorted(count.items(), key=lambda item: -item[1])[:20]
    ]
    return _table(("solver", "problems", "reason (digits as #)"), body)


@styled
def _figure(by_pair: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Difference of Z over the sum of both stated errors; points beyond an edge lie on it."""
    figure = new_figure(height=4.8)
    axes = figure.subplots()
    low, high = 1e-4, 2.0
    for name, colour in zip(sorted(by_pair), itertools.cycle(CYCLE), strict=False):
        off = np.concatenate([item["dz"] for item in by_pair[name]])
        stated = np.concatenate([item["stated"] for item in by_pair[name]])
        places = np.clip(stated, low, high), np.clip(off, low, high)
        axes.loglog(*places, ".", ms=3.5, alpha=0.7, color=colour, label=name)
    axes.plot([low, high], [low, high], color=GREY, lw=1.0, label="difference = stated")
    axes.set(
        xlabel="Sum of both stated errors, |ΔZ|/|Z|",
        ylabel="Difference, |ΔZ|/|Z|",
        xlim=(low, high),
        ylim=(low, high),
        title="Two solvers of one problem, one point a frequency",
    )
    axes.legend(loc="upper left", markerscale=2.0)
    save_figure(figure, path, dpi=130.0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/validation"))
    parser.add_argument("--wanted", type=int, default=0)
    parser.add_argument("--docs", action="store_true", help="as the page of the documentation")
    given = parser.parse_args()
    names = ("validation_book.md", "images/validation_book.png") if given.docs else (PAGE, FIGURE)
    folder = Path(__file__).parents[2] / "docs" if given.docs else given.out
    print(write_book(given.results, folder, given.wanted, *names))
