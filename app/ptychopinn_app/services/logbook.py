"""The application log: output of jobs and messages from the window, with levels and a maximum length."""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal

MOST_LINES = 10_000
LEVELS = ("debug", "info", "warning", "error")
# TensorFlow's native code writes "I0000 ..." lines and, before it can set a level, this preamble.
_NATIVE = re.compile(r"^([IWEF])\d{4} \d")
_NATIVE_LEVELS = {"I": "info", "W": "warning", "E": "error", "F": "error"}
_PREAMBLE = "All log messages before absl::InitializeLog()"
_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)\b|Traceback \(most recent|Fatal Python error")


@dataclass(frozen=True)
class LogLine:
    """One line of the log."""

    level: str
    text: str


def level_of(line: str) -> str:
    """Guess the level of a line printed by a job."""
    native = _NATIVE.match(line)
    if native is not None:
        return _NATIVE_LEVELS[native.group(1)]
    if _PREAMBLE in line:
        return "info"
    match = _LEVEL.search(line)
    if match is None:
        return "info"
    word = (match.group(1) or "ERROR").lower()
    return {"warn": "warning", "critical": "error", "fatal": "error"}.get(word, word)


class LogBook(QObject):
    """Stores the last ten thousand lines; emits `appended` with each batch of new lines."""

    appended = pyqtSignal(list)
    cleared = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: deque[LogLine] = deque(maxlen=MOST_LINES)

    def note(self, level: str, text: str) -> None:
        """Append a message from the window, with a timestamp."""
        stamp = time.strftime("%H:%M:%S")
        self._append([LogLine(level if level in LEVELS else "info", f"{stamp}  {line}") for line in text.splitlines()])

    def feed(self, text: str) -> None:
        """Append the output of a job line by line, skipping blank lines."""
        self._append([LogLine(level_of(line), line) for line in text.splitlines() if line.strip()])

    def clear(self) -> None:
        """Delete all lines."""
        self.lines.clear()
        self.cleared.emit()

    def _append(self, lines: list[LogLine]) -> None:
        if lines:
            self.lines.extend(lines)
            self.appended.emit(lines)
