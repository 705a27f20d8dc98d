"""Search of parametric layouts: space, objective, study, workers.

``la.optimize(...)`` is the function :func:`lunar_antenna.optimize.api.optimize`.  Importing any
module of this room puts the room itself under the same name, so the room can be called too.
"""

from __future__ import annotations

import sys
import types
from typing import Any


class _Room(types.ModuleType):
    """A module that is called like its main function."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        from .api import optimize

        return optimize(*args, **options)


sys.modules[__name__].__class__ = _Room
