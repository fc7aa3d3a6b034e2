"""Shows messages and failures, and the number of warnings in the log."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject

from ptychopinn_app.presenters.file_requests import FileRequests
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.services.error_dialog import ErrorDialog
from ptychopinn_app.services.logbook import LogLine
from ptychopinn_app.session.messages import Messages


class ErrorPresenter(QObject):
    """Connects the session's messages with toasts, dialogs and the Log tab."""

    def __init__(self, parts: WindowParts, messages: Messages, requests: FileRequests) -> None:
        super().__init__(parts.window)
        self._window, self._central = parts.window, parts.central
        messages.notified.connect(parts.toasts.show)
        messages.jobFailed.connect(self.show)
        messages.log.appended.connect(self._count_warnings)
        self._central.log.saveRequested.connect(requests.save_log)
        self._central.lower_tabs.currentChanged.connect(lambda _: self._central.count_warnings([]))

    def show(self, summary: str, details: str, log: Path | None = None) -> None:
        """Report a failure in a non-modal dialog, unless it has no log and an open dialog shows the same summary."""
        # An error at each timer tick or repaint would bury the window in dialogs.
        shown = [dialog.summary for dialog in self._window.findChildren(ErrorDialog) if dialog.isVisible()]
        if log is None and summary in shown:
            return
        ErrorDialog("The job failed" if log else "Something went wrong", summary, details, log, self._window).show()

    def _count_warnings(self, lines: list[LogLine]) -> None:
        self._central.count_warnings([line.level for line in lines])
