"""The system clipboard."""

from __future__ import annotations

from PyQt6.QtWidgets import QApplication


def copy_text(text: str) -> None:
    """Copy text to the clipboard, if one is available."""
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
