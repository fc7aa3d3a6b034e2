"""Line edit for a path that is typed, dropped or chosen in a dialog."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QLineEdit, QWidget

from ptychopinn_app.services import dialogs
from ptychopinn_app.theme import theme


class PathEdit(QLineEdit):
    """Line edit for a file or a folder; an empty optional field means None."""

    valueChanged = pyqtSignal(object)

    def __init__(self, kind: str, pattern: str, optional: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._pattern = pattern
        self._optional = optional
        self.setPlaceholderText("Drop a folder" if kind == "folder" else "Drop a file")
        self._choose = self.addAction(theme().icon("folder", "text-muted"), QLineEdit.ActionPosition.TrailingPosition)
        if self._choose is not None:
            self._choose.setToolTip("Choose…")
            self._choose.triggered.connect(self._browse)
        theme().changed.connect(self.refresh_icons)
        self.textEdited.connect(lambda _: self.valueChanged.emit(self.value()))

    def value(self) -> Path | None:
        """Return the path; None for an empty optional field."""
        text = self.text().strip()
        return Path(text) if text or not self._optional else None

    def set_value(self, value: object) -> None:
        """Show a path without emitting a signal."""
        text = "" if value is None or value == Path() else str(value)
        if text != self.text():
            self.setText(text)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Accept a dragged file; leave everything else to the line edit."""
        if event is not None and _first_path(event) is not None:
            event.acceptProposedAction()
            return
        super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Enter the path of the dropped file."""
        path = _first_path(event) if event is not None else None
        if event is None or path is None:
            super().dropEvent(event)
            return
        self.setText(str(path))
        self.valueChanged.emit(self.value())
        event.acceptProposedAction()

    def refresh_icons(self) -> None:
        """Redraw the icon in the theme's colour."""
        if self._choose is not None:
            self._choose.setIcon(theme().icon("folder", "text-muted"))

    def _browse(self) -> None:
        start = self.text().strip()
        chosen = (
            dialogs.choose_folder(self, start)
            if self._kind == "folder"
            else dialogs.choose_file(self, start, self._pattern)
        )
        if chosen is not None:
            self.setText(str(chosen))
            self.valueChanged.emit(self.value())


def _first_path(event: QDropEvent) -> Path | None:
    mime = event.mimeData()
    urls = mime.urls() if mime is not None else []
    return Path(urls[0].toLocalFile()) if urls and urls[0].isLocalFile() else None
