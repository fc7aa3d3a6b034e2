"""The clipboard of the system."""

from __future__ import annotations

from PyQt6.QtWidgets import QApplication


def copy_text(text: str) -> None:
    """Put a text on the clipboard, where there is one."""
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
