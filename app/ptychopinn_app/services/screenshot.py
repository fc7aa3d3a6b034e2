"""A picture of the window for documentation and tests: taken when everything that was asked for is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QSettings, QSize, QTemporaryDir
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.services.timers import repeated

POLL_MS = 100
# Views draw a moment after they got their data.
SETTLED_POLLS = 5
MOST_POLLS = 600


def parse_size(text: str) -> QSize:
    """Read a size such as '1280x720'.

    Raises
    ------
    ValueError
        It is no size.
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise ValueError(f"'{text}' is no size; expected WIDTHxHEIGHT in pixels, such as 1280x720.")
    return QSize(int(width), int(height))


def fresh_settings(folder: QTemporaryDir, theme: str | None) -> QSettings:
    """Make settings of their own, so that a picture shows no recent files and changes nothing of the user's."""
    settings = QSettings(folder.filePath("settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("folder/runs", folder.filePath("runs"))
    settings.setValue("jobs/prewarm", False)
    settings.setValue("theme", theme or "system")
    return settings


class Screenshot(QObject):
    """Waits until the window has read its files, saves its picture and calls back with what went wrong, or ''."""

    def __init__(self, window: QWidget, path: Path, busy: Callable[[], bool], done: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window, self._path, self._busy, self._done = window, path, busy, done
        self._problem = ""
        self._quiet = 0
        self._polls = 0
        self._timer = repeated(self, self._look, POLL_MS)
        self._timer.start()

    def note(self, severity: str, text: str) -> None:
        """Take a message of the window; the first error is what went wrong."""
        if severity == "error" and not self._problem:
            self._problem = text

    def _look(self) -> None:
        self._polls += 1
        self._quiet = 0 if self._busy() else self._quiet + 1
        if self._quiet < SETTLED_POLLS and self._polls < MOST_POLLS:
            return
        self._timer.stop()
        if not self._window.grab().save(str(self._path)):
            self._problem = f"{self._path} cannot be written; the name must end with .png and its folder exist."
        self._done(self._problem)
