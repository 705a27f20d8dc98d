"""A process that has imported the program and forks it for each line of JSON on its stdin.

    {"argv": [...], "cwd": ..., "limits": {"RLIMIT_FSIZE": bytes, "more memory": bytes},
     "broken": ["stdout"], "nobody": true}

Told on stdout, a line each: the process id, then its exit code (below 0 of a signal).  A case costs
what it does and not another start of Python.  Output goes to cwd/../out and cwd/../err.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import warnings
from pathlib import Path

NOBODY = 65534


def warm() -> None:
    """Everything that the commands load, by running one of each."""
    from lunar_antenna.cli.main import run

    with Path(os.devnull).open("w") as nowhere:
        kept, sys.stdout, sys.stderr = (sys.stdout, sys.stderr), nowhere, nowhere
        for argv in json.loads(sys.argv[1]):
            run(argv)
        sys.stdout, sys.stderr = kept


def child(case: dict) -> None:
    os.chdir(case["cwd"])
    for number, name in ((1, "out"), (2, "err")):
        if {1: "stdout", 2: "stderr"}[number] in case.get("broken", ()):
            reader, target = os.pipe()
            os.close(reader)
        else:
            target = os.open(f"../{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(target, number)
    for name, value in case.get("limits", {}).items():
        if name == "more memory":
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            held = pages * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (held + value, held + value))
        else:
            resource.setrlimit(getattr(resource, name), (value, value))
    if case.get("nobody") and os.geteuid() == 0:
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    sys.argv = ["lunar-antenna", *case["argv"]]
    from lunar_antenna.cli.program import main

    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)  # what is forked has much to take apart, and nothing to lose by it


def serve() -> None:
    warm()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # until the program in the fork listens itself
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(json.loads(line))
            return
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    warnings.simplefilter("default")
    serve()
