"""Jobs done by the workers of a dask.distributed cluster.

    dask scheduler                                             # on one machine
    dask worker tcp://HOST:8786 --nthreads 1 --nworkers 4      # on each machine of the cluster
    lunar-antenna optimize STUDY --scheduler tcp://HOST:8786

A job whose worker dies is run again by another one (dask's ``allowed-failures`` times, then it
is marked failed).  Every worker must run the same version of this package: the same source, byte
for byte, because the same input shall give the same result wherever it is worked on.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Any

from ..conventions import JsonDict
from ..errors import InputError, MissingEngineError, SolverError, one_line
from ..version import __version__
from .blas import one_blas_thread
from .registry import installed
from .secret import redacted, without_secrets
from .sources import digest

CONNECT = 10.0  # s that a scheduler may take to answer
PATIENCE = 60.0  # s without any worker or without the scheduler, then the run ends
_SHOWING = ("cli", "exports", "live", "plotting", "report")
_LOOK = 1.0  # s between looks at the cluster while nothing arrives

_one_at_a_time = threading.Lock()  # engines hold global state: one job per process


def signature() -> str:
    """Version of this package with a digest of its source, apart from what only shows results.

    Packages that add soils, merits, solvers and so on follow with their versions.
    """
    sources = digest(lambda path: path.parts[0] not in _SHOWING)
    others = sorted({f"+{entry.package}-{entry.version}" for entry in installed()})
    return f"{__version__}+{sources[:12]}{''.join(others)}"


@lru_cache(maxsize=1)
def own_signature() -> str:
    """:func:`signature` as it was when this process first asked."""
    return signature()


def on_worker(work: Callable[..., JsonDict], arguments: tuple[Any, ...], expected: str) -> JsonDict:
    """``work(*arguments)`` on a worker of the cluster, one BLAS thread, one at a time.

    expected: signature of the package that asks; another one here is answered by {"version"}.
    """
    own = own_signature()
    if own != expected:
        return {"version": own}
    with _one_at_a_time:
        return one_blas_thread(work)(*arguments)


@dataclass(slots=True)
class Cluster:
    """The cluster of the scheduler at ``address`` (tcp://HOST:PORT).  jobs: their name in messages.

    Entering raises :class:`MissingEngineError` without dask, and :class:`InputError` where the
    scheduler or a first worker cannot be reached within ``connect`` s, or where a worker runs
    another version of this package.
    """

    address: str
    connect: float = CONNECT
    patience: float = PATIENCE
    jobs: str = "jobs"
    _client: Any = None
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def fix(self) -> str:
        """What to do once the cluster is lost."""
        return f"finished {self.jobs} are kept; start the cluster again and go on with --resume"

    def __enter__(self) -> Cluster:
        _need_distributed()
        with contextlib.ExitStack() as stack:
            stack.enter_context(_quiet())
            self._client = _connect(self.address, self.connect)
            stack.callback(_disconnect, self._client)
            self._check()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def run(
        self,
        work: Callable[..., JsonDict],
        jobs: Mapping[int, tuple[Any, ...]],
        report: Callable[[int, JsonDict | None, str | None], None],
    ) -> None:
        """Do ``work`` (a function of a module) with the arguments of each of ``jobs``.

        report: called once for each, in the order of completion, with its number, and the answer
        or the reason why there is none.
        """
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        waiting = {}
        try:
            for number, arguments in jobs.items():
                future = self._client.submit(
                    on_worker, work, arguments, own_signature(), pure=False, priority=-number
                )
                waiting[future.key] = (future, number)
                future.add_done_callback(done.put)
            while waiting:
                future = self._next(done)
                number = waiting.pop(future.key)[1]
                report(number, *self._outcome(future))
        finally:
            if waiting and self._client.status == "running":
                self._client.cancel([future for future, _ in waiting.values()], force=True)

    def _next(self, done: queue.SimpleQueue[Any]) -> Any:
        """The next future that is done; gives up where the cluster has gone."""
        alone_since = None
        while True:
            try:
                return done.get(timeout=_LOOK)
            except queue.Empty:
                missing = self._missing()
            if missing is None:
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > self.patience:
                raise SolverError(f"{missing} for {self.patience:g} s; {self.fix}")

    def _missing(self) -> str | None:
        """What the cluster lacks at this moment, or None."""
        if self._client.status == "closed":
            raise SolverError(f"the scheduler {redacted(self.address)} has gone; {self.fix}")
        if self._client.status != "running":
            return f"the scheduler {redacted(self.address)} has not answered"
        try:
            known = self._client.nthreads()
        except (OSError, TimeoutError):
            return f"the scheduler {redacted(self.address)} has not answered"
        return None if known else f"the cluster of {redacted(self.address)} has had no worker"

    def _outcome(self, future: Any) -> tuple[JsonDict | None, str | None]:
        from distributed import CancelledError, KilledWorker

        try:
            message: JsonDict = future.result(timeout=self.connect)
        except KilledWorker as error:
            return None, f"its worker died {error.allowed_failures + 1} times"
        except (CancelledError, OSError, TimeoutError):
            raise SolverError(
                f"the scheduler {redacted(self.address)} has gone; {self.fix}"
            ) from None
        except Exception as error:  # the package cannot even be imported there
            raise SolverError(_unusable("worker", error)) from None
        if "version" in message:
            raise SolverError(_mismatch({"worker": message["version"]}))
        return message, None

    def _check(self) -> None:
        """At least one worker, and all with this very package."""
        try:
            self._client.wait_for_workers(1, timeout=self.connect)
        except TimeoutError:
            raise InputError(
                f"the cluster of {redacted(self.address)} has no worker after {self.connect:g} s; "
                f"start some with: dask worker {redacted(self.address)} --nthreads 1"
            ) from None
        found = self._client.run(own_signature, on_error="return")
        for worker, answered in found.items():
            if isinstance(answered, BaseException):
                raise InputError(_unusable(worker, answered))
        others = {name: text for name, text in found.items() if text != own_signature()}
        if others:
            raise InputError(_mismatch(others))


def _unusable(worker: str, error: BaseException) -> str:
    return one_line(
        f"dask {worker} cannot run this package ({type(error).__name__}: {error}); install "
        f"lunar-antenna {own_signature()} there"
    )


def _mismatch(others: Mapping[str, str]) -> str:
    worker, version = next(iter(others.items()))
    return (
        f"dask {worker} runs lunar-antenna {version} and this process {own_signature()} "
        "(version + digest of the source); install the same one on all machines and restart "
        "the workers"
    )


def _need_distributed() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise MissingEngineError(
            "--scheduler needs dask.distributed; install it with: pip install 'lunar-antenna[dask]'"
        ) from None


def _connect(address: str, timeout: float) -> Any:
    """A client; each failure is one line."""
    from distributed import Client

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions of libraries are told by their own names
            return Client(address, timeout=timeout, set_as_default=False, name="lunar-antenna")
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise InputError(
            f"scheduler {redacted(address)!r} cannot be reached within {timeout:g} s "
            f"({without_secrets(_reason(error), address)}); "
            "give the address that dask scheduler prints, for example tcp://127.0.0.1:8786"
        ) from None


def _reason(error: BaseException) -> str:
    return one_line(error)[:120] or type(error).__name__


def _disconnect(client: Any) -> None:
    with contextlib.suppress(OSError, TimeoutError):
        client.close(timeout=5)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """distributed's own log stays silent: what matters is raised by this module."""
    kept = logging.root.manager.loggerDict
    loggers = [logging.getLogger(name) for name in kept if name.startswith(("distributed", "torn"))]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
