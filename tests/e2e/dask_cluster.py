"""A dask cluster of plain processes on the loopback interface, one thread each."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
QUIET = {"DASK_LOGGING__DISTRIBUTED": "error", "DASK_DISTRIBUTED__WORKER__MULTIPROCESSING": "spawn"}


class Cluster:
    """``dask scheduler`` and ``dask worker`` as a user starts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", file,
        )  # fmt: skip
        end = time.monotonic() + 60
        self.address = ""
        while not self.address:
            assert self.scheduler.poll() is None, self.log("scheduler")
            assert time.monotonic() < end, "the scheduler did not start within 60 s"
            time.sleep(0.05)
            with contextlib.suppress(OSError, ValueError):
                self.address = json.loads(file.read_text())["address"]

    def add_worker(self, root: Path | None = None) -> subprocess.Popen[bytes]:
        """One worker; ``root``: folder of another version of the package."""
        worker = self._start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--host", "127.0.0.1", "--local-directory", self.folder,
            root=root,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(
        self, what: str, *arguments: object, root: Path | None = None
    ) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **ONE_THREAD, **QUIET}
        if root is not None:
            environment["PYTHONPATH"] = str(root)
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", what, *map(str, arguments)],
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self.folder,
            )
