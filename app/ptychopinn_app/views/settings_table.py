"""A table of settings with two values each: from two runs, or before and after a change."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

LEAST_ROW = 30


class SettingsTable(QTableWidget):
    """Read-only table; the tool tip of a cell shows its full text."""

    def __init__(self, name: str, title: str, heads: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setHorizontalHeaderLabels(["Setting", *heads])
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        # Separates rows of several lines.
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        head, rows = self.horizontalHeader(), self.verticalHeader()
        if head is not None and rows is not None:
            head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            # Long names wrap, so that the values keep their width.
            rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            rows.setMinimumSectionSize(LEAST_ROW)
            head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            head.setHighlightSections(False)
            rows.hide()

    def show_rows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show one row (setting, first value, second value) per setting."""
        self.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(row, column, item)
