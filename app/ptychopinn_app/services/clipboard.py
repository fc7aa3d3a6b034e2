"""The system clipboard."""

from __future__ import annotations

from PyQt6.QtWidgets import QApplication


def copy_text(text: str) -> None:
    """Copy a text to the clipboard, if there is one."""
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
