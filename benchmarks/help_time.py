"""Start-up time of the command line, as a ratio to an empty Python in the same run.

python benchmarks/help_time.py
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

REPEATS = 15


def median_seconds(*arguments: str) -> float:
    """Median wall time of ``python arguments`` over warm runs."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Print one JSON document."""
    empty = median_seconds("-c", "pass")
    module = ("-m", "lunar_antenna.cli.main")
    rows = {
        "--help": median_seconds(*module, "--help"),
        "solve --help": median_seconds(*module, "solve", "--help"),
        "import lunar_antenna": median_seconds("-c", "import lunar_antenna"),
    }
    document = {
        "empty_python_seconds": empty,
        **{name: {"seconds": value, "ratio": value / empty} for name, value in rows.items()},
    }
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
