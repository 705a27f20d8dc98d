"""``live``: served until Ctrl-C, which ends it at once; refusals in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_it_while_something_is_solved():
    """Budget: a second of the machine's own, however busy it is, and not the length of a solve."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lunar_antenna.cli.main", "live", "bowtie", "--soil",
         "sourcebook_highland", "--no-browser"],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "http://127.0.0.1:" in line
        url = line.split()[-1]
        token = url.split("token=")[1]
        page = urllib.request.urlopen(url, timeout=60).read().decode()
        assert "LA.alone(" in page
        body = b'{"type": "rest", "state": {"soil": "sourcebook_highland"}}'
        ask = urllib.request.Request(
            url.split("?")[0] + "ask", data=body, headers={"X-Token": token}, method="POST"
        )
        from threading import Thread

        def asked() -> None:
            try:
                urllib.request.urlopen(ask, timeout=60).read()
            except OSError:
                return

        Thread(target=asked, daemon=True).start()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in (0, 130)
        rest = process.stderr.read()
        assert "Traceback" not in rest
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none",), "none"),
        (("bowtie", "--soil", "cheese"), "cheese"),
        (("bowtie", "--z0", "0"), "z0"),
        (("bowtie", "--port", "99999"), "99999"),
    ],
)
def test_refusals(command, arguments, told):
    result = command("live", *arguments, "--no-browser")
    assert result.code == 2
    assert told in result.complaint
