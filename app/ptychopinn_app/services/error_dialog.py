"""The error dialog: the cause, a collapsed traceback, and buttons to copy the report and open the log."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from ptychopinn_app.services.clipboard import copy_text
from ptychopinn_app.services.versions import version_text
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row


class ErrorDialog(QDialog):
    """Dialog for an error and its cause. Open it with `show`, which does not block."""

    def __init__(
        self, title: str, summary: str, details: str = "", log: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self._report = f"{title}\n{summary}\n\n{details}\n\n{version_text()}"
        self._log = log
        self._details = dressed(QPlainTextEdit(details), spoken="Traceback")
        self._details.setReadOnly(True)
        self._details.setMinimumHeight(240)
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.hide()
        self._fold = dressed(QPushButton("Show details"), role="flat")
        self._fold.setVisible(bool(details.strip()))
        self._fold.clicked.connect(self._toggle)
        parts = (_head(title, summary), (self._details, 1), self._buttons())
        in_column(*parts, of=self, spacing=14, margins=(22, 20, 22, 18))
        self.summary = summary
        self._close.setFocus()

    def _buttons(self) -> QHBoxLayout:
        copy = QPushButton("Copy report")
        copy.setIcon(theme().icon("copy", "text-muted"))
        copy.clicked.connect(self.copy)
        open_log = QPushButton("Open log")
        open_log.setVisible(self._log is not None and self._log.is_file())
        open_log.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log))))
        self._close = dressed(QPushButton("Close"), role="primary")
        self._close.setDefault(True)
        self._close.clicked.connect(self.close)
        return in_row(self._fold, STRETCH, copy, open_log, self._close, spacing=8)

    def copy(self) -> None:
        """Copy the report to the clipboard."""
        copy_text(self._report)

    def _toggle(self) -> None:
        shown = not self._details.isVisible()
        self._details.setVisible(shown)
        self._fold.setText("Hide details" if shown else "Show details")
        self.resize(max(self.width(), 720) if shown else self.width(), self.sizeHint().height())


def _head(title: str, summary: str) -> QHBoxLayout:
    icon = QLabel()
    icon.setPixmap(theme().pixmap("error", 32, "error"))
    heading = dressed(QLabel(title), role="title")
    cause = QLabel(summary)
    cause.setTextFormat(Qt.TextFormat.PlainText)
    cause.setWordWrap(True)
    cause.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    column = in_column(heading, cause, spacing=6)
    return in_row((icon, 0, Qt.AlignmentFlag.AlignTop), (column, 1), spacing=16)
