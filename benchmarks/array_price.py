"""The price of mutual coupling: a station of 16 crossed bow-ties against the element alone.

    python benchmarks/array_price.py [8 11 15 20 30]

4 x 4 crossed bow-ties of 7 m on sourcebook_highland, draft meshes, at 10, 20 and 30 MHz.  For each
spacing (m): how far the open-circuit embedded field of port 1 is from that of the element alone,
the largest over the sky of its peak, for the worst element and the median; how far the active
reflection of port 1 (100 ohm, all first ports driven) is from the element's own, at the zenith and
scanned to 45 degrees towards East; the largest |S_mn|.
"""

from __future__ import annotations

import sys

import numpy as np

import lunar_antenna as la

FREQUENCIES = (10e6, 20e6, 30e6)
Z0 = 100.0


def main() -> None:
    layout = la.load_geometry("crossed_bowtie", length=7.0)
    grid = np.array([(x, y) for y in range(4) for x in range(4)], dtype=float)
    theta, phi = np.meshgrid(
        np.deg2rad(np.arange(0.0, 86.0, 5.0)), np.deg2rad(np.arange(0.0, 360.0, 15.0)),
        indexing="ij",
    )  # fmt: skip
    print(
        "| spacing (m) | MHz | pattern, worst | median | active, zenith | 45 degrees | coupling |"
    )
    print("|---|---|---|---|---|---|---|")
    for spacing in [float(item) for item in sys.argv[1:]] or [8.0, 11.0, 15.0, 20.0, 30.0]:
        array = la.Array(layout, spacing * grid, "sourcebook_highland", band=la.Band(FREQUENCIES))
        found = la.solve_array(array, accuracy="draft", tolerance=3e-4)
        first = [port for port, (_, own) in enumerate(array.ports) if own == 0]
        driven = [port + 1 for port in first]
        active = [
            found.active_reflection(scan=(angle, 0.0), z0=Z0, ports=driven)[:, first]
            for angle in (0.0, np.pi / 4)
        ]
        for index, frequency in enumerate(FREQUENCIES):
            fields = np.stack(found.fields(index, None, theta, phi))[:, first]
            changes = []
            for element in range(array.n_elements):
                alone = np.stack(found.isolated_fields(index, element, theta, phi))[:, 0]
                change = np.linalg.norm(fields[:, element] - alone, axis=0)
                changes.append(change.max() / np.linalg.norm(alone, axis=0).max())
            alone_at = la.Problem(layout, array.stack, 0.0, la.Band([frequency]))
            z = la.solve(alone_at, "planar", accuracy="draft").z[0, 0, 0]
            own = (z - Z0) / (z + Z0)
            moved = [np.abs(item[index] - own).max() for item in active]
            s = np.abs(found.s_matrix(index, Z0))
            np.fill_diagonal(s, 0.0)
            print(
                f"| {spacing:g} | {frequency / 1e6:g} | {100 * max(changes):.0f} % | "
                f"{100 * np.median(changes):.0f} % | {moved[0]:.2f} | {moved[1]:.2f} | "
                f"{20 * np.log10(s.max()):.0f} dB |",
                flush=True,
            )


if __name__ == "__main__":
    main()
