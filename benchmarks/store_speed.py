"""Reading and writing a result of 61 points, as a ratio to the same without any check.

Without: no fletcher32, checksums, SHA-256, digests of the problem, types, shapes and finite values
of arrays, and laws of the solution.  CPU time, alternating, the least of many runs each, so that a
busy machine does not matter.

python benchmarks/store_speed.py
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import lunar_antenna as la
from lunar_antenna import solution, store
from lunar_antenna.store_seal import Seal

ROUNDS = 60


class Bare(Seal):
    """Puts values into a file and remembers nothing of them."""

    def attributes(self, group: str, table: Any) -> None:
        owner = self._file.require_group(group) if group else self._file
        for name, value in table.items():
            owner.attrs[name] = value

    def dataset(self, name: str, value: Any, **filters: Any) -> Any:
        filters.pop("fletcher32", None)
        if "compression" not in filters:
            filters.pop("chunks", None)
        return self._file.create_dataset(name, data=value, **filters)

    def close(self) -> None:
        return


class Whatever:
    """Equal to all."""

    def __ne__(self, other: object) -> bool:
        return False


@contextlib.contextmanager
def unchecked() -> Iterator[None]:
    """Files written and read inside have no check."""
    with (
        patch.object(store, "Seal", Bare),
        patch.object(store, "sealed", lambda image: image),
        patch.object(store, "opened", lambda data: (data, True)),
        patch.object(store, "_check_digest", lambda *_: None),
        patch.object(store, "_array", lambda found, name, *_: found[name]),
        patch.object(la.Problem, "digest", Whatever()),
        patch.object(solution, "unsound", lambda *_: None),
    ):
        yield


def seconds(action: Any) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    """Print one JSON document."""
    problem = la.Problem(
        la.load_geometry("bowtie"), la.load_soil("simple_eps35"), 0.05, la.Band.mhz(5, 35, 61)
    )
    result = la.solve(problem, solver="planar", accuracy="normal")
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        checked, bare = Path(folder) / "checked.h5", Path(folder) / "bare.h5"
        for _ in range(ROUNDS):
            times.setdefault("write", []).append(seconds(lambda: result.save(checked)))
            times.setdefault("read", []).append(seconds(lambda: la.load(checked)))
            with unchecked():
                times.setdefault("bare write", []).append(seconds(lambda: result.save(bare)))
                times.setdefault("bare read", []).append(seconds(lambda: la.load(bare)))
        sizes = {"bytes": checked.stat().st_size, "bare bytes": bare.stat().st_size}
    least = {name: min(values) for name, values in times.items()}
    both, plain = least["write"] + least["read"], least["bare write"] + least["bare read"]
    document = {
        "seconds": least,
        **sizes,
        "ratio of writing": least["write"] / least["bare write"],
        "ratio of reading": least["read"] / least["bare read"],
        "ratio": both / plain,
    }
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
