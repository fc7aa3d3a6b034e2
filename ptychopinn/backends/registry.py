"""Select a framework by name; importing this module does not import any framework."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ptychopinn.errors import BackendError, ConfigError

if TYPE_CHECKING:
    from ptychopinn.backends.iterative import Solve
    from ptychopinn.backends.reconstruction import NetworkBackend, NetworkModel
    from ptychopinn.quality.rfactor import MeasureR

_MODULES = {"tensorflow": "ptychopinn.backends.tensorflow.backend", "pytorch": "ptychopinn.backends.torch.backend"}
_FRAMEWORKS = {"tensorflow": ("tensorflow",), "pytorch": ("torch", "lightning")}
TITLES = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}
INSTALL = {
    "tensorflow": 'pip install "tensorflow>=2.16"',
    "pytorch": 'pip install torch>=2.2 lightning (quote "torch>=2.2" in a shell)',
}
NAMES = tuple(TITLES)


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):
        # A stand-in module without a specification does not count.
        return False


def require(name: str, frameworks: tuple[str, ...] | None = None) -> None:
    """Check that a backend can be used, without importing it.

    Parameters
    ----------
    name : str
    frameworks : tuple of str or None
        Frameworks that must be installed; None: all frameworks of the backend.

    Raises
    ------
    ConfigError
        The name is neither ``'tensorflow'`` nor ``'pytorch'``.
    BackendError
        The framework is not installed; the message says how to install it (API specification, section 4.8). The
        exception is also a RuntimeError.
    """
    if name not in NAMES:
        raise ConfigError(f"backend is {name!r}", " or ".join(map(repr, NAMES)), "Set backend to one of these.")
    missing = [module for module in frameworks or _FRAMEWORKS[name] if not _is_installed(module)]
    if missing:
        raise BackendError(
            f"{TITLES[name]} backend selected but unavailable: Python cannot find {' and '.join(missing)}",
            mend=f"Install it with: {INSTALL[name]}",
        )


def solver() -> Solve:
    """Import the iterative engine, which runs in PyTorch whichever backend trained the network.

    Raises
    ------
    BackendError
        PyTorch is not installed.
    """
    if not _is_installed("torch"):
        remedy = f"Install it with: {INSTALL['pytorch']}"
        raise BackendError("the iterative engine needs PyTorch, but torch is unavailable", mend=remedy)
    return cast("Solve", importlib.import_module("ptychopinn.backends.torch.iterative.solver").solve)


def measure_r(accelerator: str = "auto") -> MeasureR:
    """Return the function that measures R: on the device if PyTorch is already imported, otherwise with NumPy."""
    if "torch" not in sys.modules:
        return cast("MeasureR", importlib.import_module("ptychopinn.quality.rfactor").r_factor)
    on_device = importlib.import_module("ptychopinn.backends.torch.rfactor").r_factor
    return partial(on_device, accelerator=accelerator)


def load(name: str) -> NetworkBackend[Any, NetworkModel[Any]]:
    """Import the backend with the given name.

    Raises
    ------
    ConfigError, BackendError
        As for :func:`require`, or the framework is installed but cannot be imported.
    """
    require(name)
    try:
        return cast("NetworkBackend[Any, NetworkModel[Any]]", importlib.import_module(_MODULES[name]).BACKEND)
    except ImportError as error:
        raise BackendError(
            f"{TITLES[name]} backend selected, but it is unavailable: {error}",
            mend=f"Repair the installation with: {INSTALL[name]}",
        ) from error
