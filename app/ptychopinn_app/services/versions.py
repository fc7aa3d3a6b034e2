"""Versions for the About dialog and error reports, read from package metadata without imports."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("ptychopinn", "PyQt6", "PyQt6-Qt6", "pyqtgraph", "numpy", "torch", "lightning", "tensorflow")


def versions() -> dict[str, str]:
    """Map each package to its version, or 'not installed'."""
    numbers = {}
    for name in PACKAGES:
        try:
            numbers[name] = version(name)
        except PackageNotFoundError:
            numbers[name] = "not installed"
    return numbers


def version_text() -> str:
    """Return all versions as lines of text, including Python and the operating system."""
    lines = [f"Python {platform.python_version()} on {platform.platform()}"]
    return "\n".join(lines + [f"{name} {number}" for name, number in versions().items()])
