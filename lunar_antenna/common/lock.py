"""One process at a time: a lock that no killed process leaves behind.

The system holds it (flock) for as long as the process lives; the file beside what is guarded is
only where it is held, and its text says by whom.  A file that a killed process left is taken over.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError

_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


@contextlib.contextmanager
def only_one(path: Path, guarded: str) -> Iterator[None]:
    """Hold the lock at ``path`` inside the block; the file is gone after it.

    guarded: what it is for, for the message.  Raises :class:`InputError` at once where another
    process, or another part of this one, holds it.  A file system without locks has none.
    """
    try:
        number = _locked(path)
    except BlockingIOError:
        raise InputError(in_use(guarded, _holder(path))) from None
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        number = None
    try:
        yield
    finally:
        if number is not None:
            path.unlink(missing_ok=True)  # while it is held: nobody else can have it
            os.close(number)


def _locked(path: Path) -> int | None:
    """Descriptor of the locked file; BlockingIOError where somebody else holds it."""
    try:
        import fcntl
    except ImportError:  # a platform without it
        return None
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(number, path):
                os.ftruncate(number, 0)
                os.write(number, json.dumps(myself()).encode())
                return number
        except BaseException:
            os.close(number)
            raise
        os.close(number)  # its holder has just removed it: try the next one


def _is_at(number: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(number), path.stat())
    except FileNotFoundError:
        return False


def myself() -> dict[str, str | int]:
    """This process, for those that it keeps out."""
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    return {"host": socket.gethostname(), "pid": os.getpid(), "since": started}


def in_use(guarded: str, holder: object) -> str:
    """The sentence that keeps out; holder: as :func:`myself` tells, or anything."""
    who = "another process"
    if isinstance(holder, dict) and {"host", "pid", "since"} <= set(holder):
        who = f"process {holder['pid']} on {holder['host']} since {holder['since']} UTC"
    return f"{guarded} is in use by {who}; wait until it has ended, or choose another --out"


def _holder(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
