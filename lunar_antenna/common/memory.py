"""What memory a piece of work may take; asked before it starts."""

from __future__ import annotations

SHARE = 0.8  # of the machine's memory, or of the limit that the process was given


def usable() -> float:
    """Bytes that this process may fill."""
    import psutil

    total = float(psutil.virtual_memory().total)
    try:
        import resource
    except ImportError:  # not a POSIX system: no limit of its own
        return SHARE * total
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return SHARE * (total if limit == resource.RLIM_INFINITY else min(total, float(limit)))
