"""The log pane: a view of the log book with level filter, search, copy and save."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QTextCharFormat, QTextCursor
from PyQt6.QtWidgets import QComboBox, QPlainTextEdit, QWidget

from ptychopinn_app.services.clipboard import copy_text
from ptychopinn_app.services.logbook import LEVELS, MOST_LINES, LogBook, LogLine
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, dressed, icon_button, in_column, in_row, search_field

TOKENS = {"debug": "text-muted", "info": "text", "warning": "warning", "error": "error"}


class LogPanel(QWidget):
    """Shows the log book lines that match the level and the search text."""

    saveRequested = pyqtSignal()

    def __init__(self, book: LogBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._level = dressed(QComboBox(), spoken="Lowest log level shown")
        for level in LEVELS:
            self._level.addItem(f"{level.capitalize()} and above" if level != "error" else "Errors only", level)
        self._level.setCurrentIndex(1)
        self._level.currentIndexChanged.connect(self.refresh)
        self._search = search_field("Search the log", lambda _: self.refresh())
        self._text = dressed(QPlainTextEdit(), name="logView", spoken="Log")
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(MOST_LINES)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        # The pane would insert a dropped file as text; the window should open it.
        self._text.setAcceptDrops(False)
        viewport = self._text.viewport()
        if viewport is not None:
            viewport.setAcceptDrops(False)
        self._search.setMaximumWidth(280)
        buttons = (
            icon_button("copy", "Copy the visible lines", self.copy),
            icon_button("save", "Save the log to a file", self.saveRequested),
            icon_button("clear", "Clear the log", book.clear),
        )
        bar = in_row((self._search, 1), self._level, STRETCH, *buttons, spacing=6, margins=(12, 6, 8, 6))
        in_column(bar, (self._text, 1), of=self, spacing=0, margins=(0, 0, 0, 0))
        book.appended.connect(self._append)
        book.cleared.connect(self.refresh)
        theme().changed.connect(self.refresh)
        self.refresh()

    def text(self) -> str:
        """Return the visible lines."""
        return self._text.toPlainText()

    def copy(self) -> None:
        """Copy the visible lines to the clipboard."""
        copy_text(self.text())

    def refresh(self) -> None:
        """Reload the log from the log book."""
        self._text.clear()
        self._append(list(self._book.lines))

    def _append(self, lines: list[LogLine]) -> None:
        shown = [line for line in lines if self._shows(line)]
        if not shown:
            return
        bar = self._text.verticalScrollBar()
        at_end = bar is None or bar.value() >= bar.maximum() - 4
        cursor = QTextCursor(self._text.document())
        cursor.beginEditBlock()
        for line in shown:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            if cursor.position() > 0:
                cursor.insertBlock()
            cursor.insertText(line.text, _format(line.level))
        cursor.endEditBlock()
        if at_end and bar is not None:
            bar.setValue(bar.maximum())

    def _shows(self, line: LogLine) -> bool:
        lowest = LEVELS.index(str(self._level.currentData()))
        return LEVELS.index(line.level) >= lowest and self._search.text().lower() in line.text.lower()


def _format(level: str) -> QTextCharFormat:
    style = QTextCharFormat()
    style.setForeground(theme().colour(TOKENS[level]))
    return style
