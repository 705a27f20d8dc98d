"""The workbench in a notebook: the same script behind a widget (extra ``live``: anywidget)."""

from __future__ import annotations

import threading
from typing import Any

from ..conventions import JsonDict
from ..errors import MissingEngineError
from .script import script, style
from .session import Session

_RENDER = """
export default {
  render({ model, el }) {
    const waiting = new Map();
    let count = 0;
    const hear = (message) => {
      waiting.get(message.number)?.(message.answer);
      waiting.delete(message.number);
    };
    model.on("msg:custom", hear);
    const ask = (message) => new Promise((done) => {
      count += 1;
      waiting.set(count, done);
      model.send({ number: count, message });
    });
    const bench = LA.workbench(el, model.get("start"), ask);
    return () => { model.off("msg:custom", hear); bench.close(); };
  },
};
"""


def widget(session: Session) -> Any:
    """A widget that shows the workbench of ``session``.

    Raises :class:`MissingEngineError` without anywidget.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise MissingEngineError(
            "the workbench in a notebook needs anywidget; run: pip install 'lunar-antenna[live]', "
            "or use lunar-antenna live in a browser"
        ) from None

    class Workbench(anywidget.AnyWidget):  # type: ignore[misc]
        _esm = script() + _RENDER
        _css = style()
        start = traitlets.Dict().tag(sync=True)

        def __init__(self) -> None:
            super().__init__(start=session.bench.document())
            self.on_msg(self._heard)

        def _heard(self, _widget: object, content: Any, _buffers: object) -> None:
            """Answered from a thread, so that the kernel stays free."""
            threading.Thread(target=self._answer, args=(content,), daemon=True).start()

        def _answer(self, content: JsonDict) -> None:
            answer = session.ask(content.get("message"))
            self.send({"number": content.get("number"), "answer": answer})

    return Workbench()
