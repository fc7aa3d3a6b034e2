"""About and the list of shortcuts. Neither is modal."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ptychopinn_app.services.clipboard import copy_text
from ptychopinn_app.services.versions import version_text, versions
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row


class AboutDialog(QDialog):
    """Name, purpose, versions, and the device that jobs run on."""

    def __init__(self, device: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About PtychoPINN Studio")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        logo = QLabel()
        logo.setPixmap(theme().pixmap("app", 56))
        name = dressed(QLabel("PtychoPINN Studio"), role="heading")
        purpose = dressed(QLabel("Ptychographic reconstruction with physics-informed networks"), role="muted")
        words = in_column(name, purpose, spacing=3)
        head = in_row(logo, (words, 1), spacing=16)
        root = _frame(self)
        root.addLayout(head)
        root.addLayout(_pairs([*versions().items(), ("Device", device)]))
        root.addLayout(_closing_row(self, f"{version_text()}\nDevice {device}"))


class ShortcutsDialog(QDialog):
    """All commands that have a shortcut."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        with_keys = [action for action in actions if not action.shortcut().isEmpty()]
        pairs = [(action.text().replace("&", "").rstrip("…"), action.shortcut().toString()) for action in with_keys]
        root = _frame(self)
        # In one column the dialog would be as high as the screen of a small laptop.
        half = -(-len(pairs) // 2)
        both = QHBoxLayout()
        both.setSpacing(48)
        for part in (pairs[:half], pairs[half:]):
            column = in_column(_pairs(part), STRETCH)
            both.addLayout(column, 1)
        root.addLayout(both)
        # The style sheet reaches the labels after the first guess of their size.
        root.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        root.addLayout(_closing_row(self, "\n".join(f"{name}\t{keys}" for name, keys in pairs)))


def _frame(dialog: QDialog) -> QVBoxLayout:
    root = in_column(of=dialog, spacing=20, margins=(24, 22, 24, 18))
    dialog.setMinimumWidth(420)
    return root


def _pairs(pairs: Iterable[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(30)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(pairs):
        label = dressed(QLabel(name), role="muted")
        grid.addWidget(label, row, 0)
        grid.addWidget(QLabel(value), row, 1)
    return grid


def _closing_row(dialog: QDialog, text: str) -> QHBoxLayout:
    copy = QPushButton("Copy")
    copy.clicked.connect(lambda: copy_text(text))
    close = dressed(QPushButton("Close"), role="primary")
    close.setDefault(True)
    close.clicked.connect(dialog.close)
    row = in_row(STRETCH, copy, close, spacing=8)
    close.setFocus()
    return row
