"""Package versions for the About dialog and error reports, read from metadata without importing the packages."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("ptychopinn", "PyQt6", "PyQt6-Qt6", "pyqtgraph", "numpy", "torch", "lightning", "tensorflow")


def versions() -> dict[str, str]:
    """Return the version of each package, keyed by name; 'not installed' if the package is missing."""
    numbers = {}
    for name in PACKAGES:
        try:
            numbers[name] = version(name)
        except PackageNotFoundError:
            numbers[name] = "not installed"
    return numbers


def version_text() -> str:
    """Return the versions of Python, the operating system and all packages as lines of text."""
    lines = [f"Python {platform.python_version()} on {platform.platform()}"]
    return "\n".join(lines + [f"{name} {number}" for name, number in versions().items()])
