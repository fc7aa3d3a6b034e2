"""Historic import name of the PyTorch backend; without PyTorch it refuses to load.

The configuration modules do without Lightning, the others refuse to load without it too.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from ptychopinn.backends import registry
from ptychopinn.historic.shadowing import refuse_to_shadow

registry.require("pytorch", ("torch",))

# Tells this package from another distribution's of the same name.
PTYCHOPINN_STUDIO = True

refuse_to_shadow()


def __getattr__(name: str) -> ModuleType:
    full = f"{__name__}.{name}"
    if name.startswith("_") or importlib.util.find_spec(full) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(full)
