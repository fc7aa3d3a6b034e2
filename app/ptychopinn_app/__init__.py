"""PtychoPINN Studio, the desktop application. Importing the package imports no Qt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PyQt6.QtCore import QSettings

    from ptychopinn_app.main_window import MainWindow

__all__ = ["create_window"]


def create_window(
    data: str | Path | None = None, model: str | Path | None = None, settings: QSettings | None = None
) -> MainWindow:
    """Build the main window without starting the event loop.

    Parameters
    ----------
    data : path of the scan to open, optional
    model : path of the ``wts.h5.zip`` archive to open, optional
    settings : store for the state of the window and forms; by default, the user's own settings
    """
    from ptychopinn_app.application import build_window

    return build_window([Path(item) for item in (data, model) if item is not None], settings)
