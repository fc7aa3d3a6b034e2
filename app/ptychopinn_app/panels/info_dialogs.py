"""The About dialog and the list of keyboard shortcuts. Neither is modal."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ptychopinn_app.services.clipboard import copy_text
from ptychopinn_app.services.versions import version_text, versions
from ptychopinn_app.widgets import STRETCH, Dialog, IconLabel, button, dressed, in_column, in_row, pair_grid


class AboutDialog(Dialog):
    """Shows the application's name and purpose, the versions, and the device on which jobs run."""

    def __init__(self, device: str, parent: QWidget | None = None) -> None:
        super().__init__("About PtychoPINN Studio", "aboutDialog", parent)
        name = dressed(QLabel("PtychoPINN Studio"), role="heading")
        purpose = dressed(QLabel("Ptychographic reconstruction with physics-informed networks"), role="muted")
        words = in_column(name, purpose, spacing=3)
        head = in_row(IconLabel("app", 56), (words, 1), spacing=16)
        root = _frame(self)
        root.addLayout(head)
        root.addLayout(pair_grid([*versions().items(), ("Device", device)]))
        root.addLayout(_closing_row(self, f"{version_text()}\nDevice {device}"))


class ShortcutsDialog(Dialog):
    """Lists all commands that have a shortcut."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget | None = None) -> None:
        super().__init__("Keyboard shortcuts", "shortcutsDialog", parent)
        with_keys = [action for action in actions if not action.shortcut().isEmpty()]
        pairs = [(action.text().replace("&", "").rstrip("…"), action.shortcut().toString()) for action in with_keys]
        root = _frame(self)
        # A single column would fill the height of a small laptop screen.
        half = -(-len(pairs) // 2)
        both = QHBoxLayout()
        both.setSpacing(48)
        for part in (pairs[:half], pairs[half:]):
            both.addLayout(in_column(pair_grid(part), STRETCH), 1)
        root.addLayout(both)
        # The style sheet changes the size of the labels after the first layout.
        root.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        root.addLayout(_closing_row(self, "\n".join(f"{name}\t{keys}" for name, keys in pairs)))


def _frame(dialog: Dialog) -> QVBoxLayout:
    root = in_column(of=dialog, spacing=20, margins=(24, 22, 24, 18))
    dialog.setMinimumWidth(420)
    return root


def _closing_row(dialog: Dialog, text: str) -> QHBoxLayout:
    close = dialog.close_button()
    row = in_row(STRETCH, button("Copy", lambda: copy_text(text)), close, spacing=8)
    close.setFocus()
    return row
