"""One process at a time goes on with a study, wherever its database is.

A file of SQLite has a lock of the system beside it.  Any other database holds a record of who goes
on with the study, an attribute ``holder`` of it, which its holder renews: a process of this
machine that is gone, or one elsewhere that has stopped renewing, holds nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...common.lock import in_use, myself
from ...errors import InputError

BEAT = 5.0  # s between renewals
SILENCE = 2.5  # beats without a renewal after which a holder elsewhere is gone
SETTLE = 0.5  # s that two which start at the same time leave each other to write


def lock_beside(url: str) -> Path | None:
    """Where the lock of a SQLite file stands; None for any other database, and in memory."""
    import sqlalchemy as sa

    try:
        found = sa.make_url(url)
    except (sa.exc.SQLAlchemyError, ValueError):
        return None  # told when it is opened
    name = found.database
    if found.get_backend_name() != "sqlite" or not name or name.startswith((":", "file:")):
        return None
    return Path(f"{name}.lock").absolute()


@contextlib.contextmanager
def claimed(
    read: Callable[[], Any], write: Callable[[Any], None], guarded: str, beat: float = BEAT
) -> Iterator[None]:
    """Hold the record that ``read`` and ``write`` reach, as text, inside the block.

    Raises :class:`InputError` where a living process holds it.
    """
    _refuse_living(_parsed(read()), read, guarded, beat)
    own: dict[str, Any] = {**myself(), **_machine(), "id": uuid.uuid4().hex, "beats": 0}
    own["born"] = _born(own["pid"])
    write(json.dumps(own))
    time.sleep(SETTLE)
    now = _parsed(read())
    if now.get("id") != own["id"]:
        raise InputError(in_use(guarded, now))
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(beat):
            own["beats"] += 1
            with contextlib.suppress(Exception):  # the database is away: the study itself says so
                write(json.dumps(own))

    renewal = threading.Thread(target=renew, daemon=True)
    renewal.start()
    try:
        yield
    finally:
        ended.set()
        renewal.join()
        with contextlib.suppress(Exception):
            write("")


def _refuse_living(
    holder: dict[str, Any], read: Callable[[], Any], guarded: str, beat: float
) -> None:
    """InputError where ``holder`` is alive; one elsewhere is watched for some beats."""
    if not holder:
        return
    if all(holder.get(key) == value for key, value in _machine().items()):
        if _runs(holder):
            raise InputError(in_use(guarded, holder))
        return
    until = time.monotonic() + SILENCE * beat
    while time.monotonic() < until:
        time.sleep(min(0.2 * beat, 1.0))
        now = _parsed(read())
        if not now:
            return
        if now != holder:
            raise InputError(in_use(guarded, now))


def _machine() -> dict[str, str]:
    """What two processes that see each other's numbers have in common."""
    found = {}
    with contextlib.suppress(OSError):
        found["boot"] = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        found["space"] = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - no path
    return found or {"boot": uuid.uuid4().hex}  # unknown: nobody is of the same machine


def _runs(holder: dict[str, Any]) -> bool:
    """Whether the very process lives: its number may have gone to another since."""
    born = _born(holder.get("pid"))
    return born is not None and born == holder.get("born")


def _born(number: object) -> str | None:
    """When process ``number`` of this machine began, in ticks; None where it is not."""
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()[19]


def _parsed(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
