"""Screenshots for documentation and tests, taken once all requested files are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QSettings, QSize, QTemporaryDir
from PyQt6.QtWidgets import QWidget

from ptychopinn_app.services.timers import repeated

POLL_MS = 100
# Views draw shortly after they receive their data.
SETTLED_POLLS = 5
MOST_POLLS = 600


def parse_size(text: str) -> QSize:
    """Parse a size such as '1280x720'.

    Raises
    ------
    ValueError
        The text is not a valid size.
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise ValueError(f"'{text}' is not a size; expected WIDTHxHEIGHT in pixels, such as 1280x720.")
    return QSize(int(width), int(height))


def fresh_settings(folder: QTemporaryDir, theme: str | None) -> QSettings:
    """Create temporary preferences, so that no recent files are shown and the user's preferences stay unchanged."""
    settings = QSettings(folder.filePath("settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("folder/runs", folder.filePath("runs"))
    settings.setValue("jobs/prewarm", False)
    settings.setValue("theme", theme or "system")
    return settings


class Screenshot(QObject):
    """Waits until the window has read its files, saves a screenshot, and calls `done` with an error message or ''."""

    def __init__(self, window: QWidget, path: Path, busy: Callable[[], bool], done: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window, self._path, self._busy, self._done = window, path, busy, done
        self._problem = ""
        self._quiet = self._polls = 0
        self._timer = repeated(self, self._look, POLL_MS)
        self._timer.start()

    def note(self, severity: str, text: str) -> None:
        """Handle a message from the window; the first error message is later passed to `done`."""
        if severity == "error" and not self._problem:
            self._problem = text

    def _look(self) -> None:
        self._polls += 1
        self._quiet = 0 if self._busy() else self._quiet + 1
        if self._quiet < SETTLED_POLLS and self._polls < MOST_POLLS:
            return
        self._timer.stop()
        if not self._window.grab().save(str(self._path)):
            self._problem = f"{self._path} cannot be written; choose a name ending in .png in an existing folder."
        self._done(self._problem)
