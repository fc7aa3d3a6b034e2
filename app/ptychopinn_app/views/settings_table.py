"""A table of settings in two states, as for two runs, or before and after a change."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

LEAST_ROW = 30


class SettingsTable(QTableWidget):
    """Cannot be edited; a value that is too long for its column is whole in its tool tip."""

    def __init__(self, name: str, title: str, heads: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setHorizontalHeaderLabels(["Setting", *heads])
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        # Rows of several lines would run into each other.
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        head, rows = self.horizontalHeader(), self.verticalHeader()
        if head is not None and rows is not None:
            head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            # Long names take two lines rather than the room of the values.
            rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            rows.setMinimumSectionSize(LEAST_ROW)
            head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            head.setHighlightSections(False)
            rows.hide()

    def show_rows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show (setting, first, second)."""
        self.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(row, column, item)
