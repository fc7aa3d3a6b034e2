"""Versions for the About box and error reports, read from package metadata without importing anything."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("ptychopinn", "PyQt6", "PyQt6-Qt6", "pyqtgraph", "numpy", "torch", "lightning", "tensorflow")


def versions() -> dict[str, str]:
    """Give package name -> version, 'not installed' where a package is missing."""
    numbers = {}
    for name in PACKAGES:
        try:
            numbers[name] = version(name)
        except PackageNotFoundError:
            numbers[name] = "not installed"
    return numbers


def version_text() -> str:
    """Give all versions as lines of text, with Python and the system."""
    lines = [f"Python {platform.python_version()} on {platform.platform()}"]
    return "\n".join(lines + [f"{name} {number}" for name, number in versions().items()])
