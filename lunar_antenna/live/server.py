"""The workbench in a browser: a server of the standard library on loopback, with a token.

GET /?token=... is the page, POST /ask one message.  Requests without the token, or for another host
than loopback (a name that somebody points at it), are refused.
"""

from __future__ import annotations

import hmac
import html
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..conventions import JsonDict
from ..errors import InputError
from ..report.curves import embedded
from .script import script, style
from .session import Session

HOST = "127.0.0.1"
LARGEST = 20_000_000  # bytes of a message: a measurement's text
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>{title}</title><style>{style}</style></head>
<body class="la-alone"><div id="la-root"></div>
<script type="application/json" id="la-start">{start}</script>
<script nonce="{nonce}">{script}
LA.alone(document.getElementById("la-root"),
  JSON.parse(document.getElementById("la-start").textContent));
</script></body></html>
"""


class Server(ThreadingHTTPServer):
    """One session behind one token."""

    daemon_threads = True
    block_on_close = False  # a solve that still runs does not keep Ctrl-C waiting

    def __init__(self, session: Session, port: int = 0) -> None:
        try:
            super().__init__((HOST, port), Handler)
        except (OSError, OverflowError) as error:
            raise InputError(
                f"port {port} of {HOST} cannot be listened at ({error}); give another --port, or "
                "none"
            ) from None
        self.session = session
        self.token = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}/?token={self.token}"

    def in_background(self) -> None:
        """Serve from a thread that ends with the program."""
        threading.Thread(target=self.serve_forever, daemon=True, name="workbench").start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A window that was closed in the middle of an answer is no error."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    # Head and body leave as one: apart, the second waits 40 ms for the receipt of the first (Nagle,
    # and the receiver's delayed acknowledgement), more than a solve takes.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        given = parse_qs(where.query).get("token", [""])[0]
        if not self._allowed(given):
            return
        if where.path != "/":
            self._send(404, b"not here", "text/plain")
            return
        nonce = secrets.token_urlsafe(12)
        start = {**self.server.session.bench.document(), "token": self.server.token}
        page = _PAGE.format(
            title=html.escape(f"{self.server.session.bench.layout.name}, lunar-antenna"),
            style=style(), start=embedded(start), script=script(), nonce=nonce,
        )  # fmt: skip
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; "
            "connect-src 'self'; img-src data: blob:; base-uri 'none'; frame-ancestors 'none'"
        )
        self._send(200, page.encode(), "text/html; charset=utf-8", policy)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isdigit() else -1
        if not self._allowed(self.headers.get("X-Token", "")):
            return
        if self.path != "/ask" or not 0 <= size <= LARGEST:
            self.close_connection = True
            self._send(400, b"ask what?", "text/plain")
            return
        try:
            message: object = json.loads(self.rfile.read(size))
        except ValueError:
            self._send(400, b"no JSON", "text/plain")
            return
        answer: JsonDict = self.server.session.ask(message)
        self._send(200, json.dumps(answer, separators=(",", ":")).encode(), "application/json")

    def _allowed(self, given: str) -> bool:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host in (HOST, "localhost") and hmac.compare_digest(
            given.encode(), self.server.token.encode()
        ):
            return True
        self.close_connection = True
        self._send(403, b"open the address with its token, as it was printed", "text/plain")
        return False

    def _send(self, code: int, body: bytes, kind: str, policy: str = "") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - of the base class
        """Nothing: the token is in the address."""
