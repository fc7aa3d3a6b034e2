"""The historic import names.

Each is an alias of a module in this package, so a function that is replaced under the historic name is replaced in
this package too.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

from ptychopinn.backends import registry

_P = ParamSpec("_P")
_R = TypeVar("_R")

_OWN = "ptychopinn"
# Historic name to the module in this package. Type checkers read the files in ``legacy_names`` instead.
MODULES = {
    **{f"ptycho.{name}": name for name in ("metadata", "model", "params", "probe", "raw_data")},
    **{f"ptycho.{name}": f"tensorflow.{name}" for name in ("loader", "model_manager", "tf_helper")},
    "ptycho.config.config": "config",
    "ptycho.workflows.backend_selector": "backend_selector",
    "ptycho.workflows.components": "tensorflow.components",
    **{f"ptycho_torch.{name}": f"torch.{name}" for name in ("config_bridge", "config_factory", "config_params")},
    "ptycho_torch.cli.shared": "cli.shared",
}
# These need Lightning as well.
TRAINING_MODULES = {
    **{f"ptycho_torch.{name}": f"torch.{name}" for name in ("lightning_utils", "model_manager", "api.base_api")},
    "ptycho_torch.model": "torch.ptycho_lightning",
    "ptycho_torch.workflows.components": "torch.components",
}


class HistoricNames:
    """Finder and loader of the historic names."""

    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return a specification for a historic name, None for any other."""
        return ModuleSpec(name, cls) if name in MODULES or name in TRAINING_MODULES else None  # type: ignore[arg-type]

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Let Python create an empty module."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Replace the empty module with the real module."""
        name = module.__name__
        if name in TRAINING_MODULES:
            registry.require("pytorch")
        real = MODULES.get(name) or TRAINING_MODULES[name]
        sys.modules[name] = importlib.import_module(f"ptychopinn.historic.{real}")


def submodules_of(package: str) -> Callable[[str], ModuleType]:
    """Install the finder; return the ``__getattr__`` of a package whose submodules are imported on first access."""
    if HistoricNames not in sys.meta_path:
        sys.meta_path.insert(0, HistoricNames)

    def submodule(name: str) -> ModuleType:
        full = f"{package}.{name}"
        if name.startswith("_") or importlib.util.find_spec(full) is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return importlib.import_module(full)

    return submodule


def second_name(function: Callable[_P, _R], namespace: dict[str, Any]) -> Callable[_P, _R]:
    """Return a function that, at each call, looks up the name of ``function`` in ``namespace`` and calls the result."""

    @functools.wraps(function)
    def call(*arguments: _P.args, **keywords: _P.kwargs) -> _R:
        result: _R = namespace[function.__name__](*arguments, **keywords)
        return result

    return call


def other_owner() -> str | None:
    """Return the name of another installed distribution that also provides ``ptycho`` or ``ptycho_torch``, or None.

    Only distributions with "ptycho" in their name are searched: reading the files of all distributions would take
    seconds.
    """
    for distribution in importlib.metadata.distributions():
        name = str(distribution.metadata["Name"] or "").lower()
        if "ptycho" not in name or name == _OWN:
            continue
        if any(str(file) in ("ptycho/__init__.py", "ptycho_torch/__init__.py") for file in distribution.files or ()):
            return name
    return None


def refuse_to_shadow() -> None:
    """Raise an error if another installed distribution also provides the historic packages.

    Raises
    ------
    RuntimeError
        Another installed distribution provides ``ptycho`` or ``ptycho_torch``.
    """
    if (owner := other_owner()) is not None:
        raise RuntimeError(
            f"The distributions {owner!r} and {_OWN!r} both provide the package 'ptycho', and one hides the other; "
            f"expected only one. Uninstall one: pip uninstall {owner}, or pip uninstall {_OWN}."
        )


def require_own(package: object) -> None:
    """Raise an error if an imported historic package belongs to another distribution.

    Raises
    ------
    RuntimeError
        ``package`` is not from this distribution.
    """
    # A module without a file was made by the program itself, on purpose.
    place = getattr(package, "__file__", None)
    if place is not None and not getattr(package, "PTYCHOPINN_STUDIO", False):
        raise RuntimeError(
            f"The package 'ptycho' in {place} belongs to another distribution; expected the one from {_OWN}. "
            "Remove it from the path, or uninstall its distribution."
        )
