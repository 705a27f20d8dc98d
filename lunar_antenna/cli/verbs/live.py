"""``lunar-antenna live``: the workbench in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import options
from ..output import Answer, say
from .base import Verb

HELP = """Steer a design in the browser.

Sliders for its numbers, soil, height, reference and network; all figures follow.

Served on this machine alone (127.0.0.1), to whoever has the address with its token, until Ctrl-C.

\b
Example:
  lunar-antenna live bowtie --soil sourcebook_highland
  lunar-antenna live wide/best.toml --no-browser --port 8765
"""


def live(
    geometry: options.Geometry,
    soil: options.Soil = None,
    height: Annotated[float, typer.Option(metavar="M", help="At first, m.")] = 0.0,
    z0: Annotated[float, typer.Option("--z0", metavar="OHM", help="At first.")] = 100.0,
    port: Annotated[
        int, typer.Option(parser=options.whole, metavar="N", help="To listen at; 0: any free one.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser.")
    ] = True,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    from ...live.server import Server
    from ...live.session import Session
    from ...live.state import Bench

    session = Session(Bench.open(geometry, soil, height, z0))
    server = Server(session, port)
    say(f"workbench at {server.url}")
    say("Ctrl-C ends it")
    if browser:
        import webbrowser

        webbrowser.open(server.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        session.close()
        server.server_close()
    return Answer({"url": server.url}, "ended")


VERB = Verb("live", HELP, live)
