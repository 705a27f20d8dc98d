"""Mesh convergence of the impedance, and the error estimate against the true error.

Strip, bow-tie and blade on graded soil.  Left: error of Z when all spacings of the mesh are
scaled, against a much finer mesh.  Right: the z_error that each accuracy word reports against the
error it has, one point per frequency.  Run: ``python docs/figures/convergence.py`` (a minute or
two).
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.style import BLUE, GREEN, GREY, VERMILION, new_figure, styled
from lunar_antenna.solvers.planar.accuracy import mesh_size
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.mesh import triangulate
from lunar_antenna.solvers.planar.sweep import run_sweep

NAMES = ("strip", "bowtie", "blade")
COLOURS = (BLUE, VERMILION, GREEN)
SCALES = (2.9, 2.2, 1.7, 1.3, 1.0, 0.75)  # of the spacings of accuracy "normal"
FINEST = 0.4  # below 9000 unknowns for all three
FREQUENCY = np.linspace(5e6, 35e6, 16)


def impedance(problem, scale):
    """(Z (n_freq,), unknowns) on the mesh of accuracy normal with all spacings scaled."""
    x0, y0, x1, y1 = problem.layout.bounds
    kernels = kernels_for(problem, problem.frequency, float(np.hypot(x1 - x0, y1 - y0)))
    mesh = triangulate(problem.layout, mesh_size(problem, "normal").coarser(scale))
    result = run_sweep(problem, kernels, mesh, losses=False, currents=False)
    return result.z[:, 0, 0], result.unknowns


def study(name):
    """(errors (n_scale, n_freq), unknowns per scale, {word: (estimate, error)})."""
    problem = la.Problem(
        la.load_geometry(name), la.load_soil("sourcebook_highland"), 0.0, la.Band(FREQUENCY)
    )
    truth, most = impedance(problem, FINEST)
    errors, unknowns = [], []
    for scale in SCALES:
        z, count = impedance(problem, scale)
        errors.append(np.abs(z - truth) / np.abs(truth))
        unknowns.append(count)
    words = {}
    for word in ("draft", "normal", "fine"):
        solution = la.solve(problem, "planar", accuracy=word)
        error = np.abs(solution.z[:, 0, 0] - truth) / np.abs(truth)
        words[word] = (solution.quality.z_error, error, solution.provenance.unknowns)
    print(f"{name}: reference {most} unknowns; scaled meshes {unknowns}")
    return np.array(errors), unknowns, words


def report(errors, words):
    median = np.median(errors, axis=1)
    order = np.diff(np.log(median)) / np.diff(np.log(SCALES))
    print(f"  median error {median}, local order {order.round(2)}")
    for word, (estimate, error, count) in words.items():
        print(
            f"  {word:6s} {count:5d} unknowns: error median {np.median(error):.4f}, largest "
            f"{error.max():.4f}; estimate/error median {np.median(estimate / error):.2f}, "
            f"{(estimate / error).min():.2f} to {(estimate / error).max():.2f}"
        )


@styled
def draw(results):
    figure = new_figure(height=3.2)
    left, right = figure.subplots(1, 2)
    marks = {"draft": "s", "normal": "o", "fine": "^"}
    for name, colour in zip(NAMES, COLOURS, strict=True):
        errors, _, words = results[name]
        left.loglog(SCALES, np.median(errors, axis=1), "o-", ms=3, color=colour, label=name)
        left.loglog(SCALES, errors.max(axis=1), ":", lw=1.0, color=colour)
        for word, (estimate, error, _) in words.items():
            right.loglog(error, estimate, marks[word], ms=3, color=colour, mew=0)
    line = np.array([1.4, 2.8])
    left.loglog(line, 4e-4 * line**2, color=GREY, lw=1.0)
    left.text(2.0, 9e-4, "order 2", color=GREY)
    left.set_ylim(2e-4, 0.5)
    left.set_xticks(SCALES, [f"{s:g}" for s in SCALES])
    left.minorticks_off()
    left.set(xlabel="Spacings, relative to accuracy normal", ylabel="|dZ|/|Z|")
    left.legend(loc="upper left", title="median; dotted: largest")
    left.set_title("Mesh convergence on sourcebook_highland")
    span = np.array([1e-4, 0.3])
    right.loglog(span, span, color=GREY, lw=1.0)
    right.fill_between(span, span / 3.0, span * 3.0, color=GREY, alpha=0.12, lw=0)
    for word, mark in marks.items():
        right.plot([], [], mark, color=GREY, ms=4, label=word)
    right.set(xlabel="True |dZ|/|Z|", ylabel="Estimated: z_error", xlim=span, ylim=span)
    right.legend(loc="lower right", title="grey: within a factor 3")
    right.set_title("The error estimate")
    return figure


def main() -> None:
    results = {}
    for name in NAMES:
        results[name] = study(name)
        report(results[name][0], results[name][2])
    common.save(draw(results), "planar_convergence.png")


if __name__ == "__main__":
    main()
