"""Historic import name of the core library; submodules load when they are first read."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from ptychopinn.historic.shadowing import refuse_to_shadow

# Tells this package from another distribution's of the same name.
PTYCHOPINN_STUDIO = True

refuse_to_shadow()


def __getattr__(name: str) -> ModuleType:
    full = f"{__name__}.{name}"
    if name.startswith("_") or importlib.util.find_spec(full) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(full)
