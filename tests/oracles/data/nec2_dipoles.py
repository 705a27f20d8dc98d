"""Runs the NEC-2 decks of the dipoles beside this file again and compares.

    apt-get install nec2c
    python tests/oracles/data/nec2_dipoles.py [STEP]

STEP: every STEP-th deck only.  Exit code 1 where one is off.

The NEC-2 values (Z, gain, upward share) came from a NEC-2 in double precision with
c = 299792458 m/s, Z_mom from an independent Galerkin moment method with a delta gap; "meta" of
the files says what u_abs holds.  nec2c 1.3 rounds to five digits and has a slightly smaller
c: 0.1 % of |Z| and 0.02 dB are allowed.  Its Sommerfeld ground is right only for antennas shorter
than a wavelength: the others are printed, not judged (momwire_dipoles.py covers them).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("free_space_dipoles.json", "horizontal_dipole_half_space.json")
NUMBER = r"[-+]?\d+\.?\d*(?:E[-+]?\d+)?"


def run(deck: str) -> str:
    """What nec2c prints about ``deck``."""
    with tempfile.TemporaryDirectory() as folder:
        given, printed = Path(folder, "deck.nec"), Path(folder, "deck.out")
        given.write_text(deck)
        subprocess.run(["nec2c", "-i", given, "-o", printed], check=True, timeout=60)
        return printed.read_text()


def impedances(text: str) -> list[complex]:
    """Ohm, one for each frequency of the deck."""
    found = []
    for block in text.split("ANTENNA INPUT PARAMETERS")[1:]:
        row = next(line for line in block.splitlines() if re.match(r"\s+1\s+\d+\s", line)).split()
        found.append(complex(float(row[6]), float(row[7])))
    return found


def gains(text: str) -> dict[tuple[float, float], float]:
    """Total gain (dBi) by (theta, phi) in degrees."""
    table = text.partition("RADIATION PATTERNS")[2]
    rows = (re.findall(NUMBER, line) for line in table.splitlines())
    return {
        (float(row[0]), float(row[1])): float(row[4])
        for row in rows
        if len(row) >= 10 and abs(float(row[1])) <= 360.0
    }


def main(step: int) -> int:
    off = 0
    for name in FILES:
        decks: dict[str, list[dict]] = {}
        for case in json.loads((HERE / name).read_text())["cases"]:
            decks.setdefault(case["deck"], []).append(case)
        for deck, cases in list(decks.items())[::step]:
            text = run(deck)
            for case, z in zip(cases, impedances(text), strict=True):
                error = abs(z - complex(*case["Z"])) / abs(z)
                level = 0.0
                if "pattern" in case:
                    seen = gains(text)
                    for phi, cut in ((0.0, "phi0"), (90.0, "phi90")):
                        rows = case["pattern"][cut]
                        for theta, gain in zip(rows["theta"], rows["gain_dBi"], strict=True):
                            if gain is not None and gain > -20.0:
                                level = max(level, abs(gain - seen[theta, phi]))
                judged = "h" not in case or case["L"] < 299.792458 / case["f_MHz"]
                wrong = judged and (error > 1e-3 or level > 0.02)
                off += wrong
                verdict = "OFF" if wrong else "same" if judged else "not judged"
                print(f"{name} {case['f_MHz']} MHz: {error:.1e}, {level:.3f} dB, {verdict}")
    return int(off > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
