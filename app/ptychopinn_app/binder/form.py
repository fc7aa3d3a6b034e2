"""A form for one dataclass: filter box, grouped rows, collapsed advanced settings, inline problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QLineEdit, QToolButton, QWidget

from ptychopinn.config.field import FieldInfo
from ptychopinn_app.binder.row import FieldRow
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import STRETCH, dressed, in_column, scrolled

# As in the style sheet.
BAR_WIDTH, LEAST_HEIGHT = 10, 24


class DataclassForm(QWidget):
    """Form for a settings section. It stores no values; it only shows them and emits edits."""

    edited = pyqtSignal(str, str, object)

    def __init__(
        self, section: str, fields: Iterable[FieldInfo], defaults: Mapping[str, object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.section = section
        self.setObjectName(f"{section}Form")
        self._defaults = dict(defaults)
        self.rows: dict[str, FieldRow] = {}
        self._groups: list[tuple[QWidget, list[FieldRow]]] = []
        fields = list(fields)
        plain = [self._make_group(*group) for group in _grouped(info for info in fields if not info.advanced)]
        folded = [self._make_group(*group) for group in _grouped(info for info in fields if info.advanced)]
        self._banner = dressed(QLabel(), role="problem")
        self._banner.setWordWrap(True)
        self._fold = self._make_fold(sum(info.advanced for info in fields))
        self._advanced = QWidget()
        in_column(*folded, of=self._advanced, spacing=14, margins=(0, 0, 0, 0))
        self._nothing = dressed(QLabel("No setting matches the filter."), role="muted")
        for widget in (self._banner, self._advanced, self._nothing):
            widget.hide()
        body = QWidget()
        shown = (self._banner, *plain, self._fold, self._advanced, self._nothing)
        self._body = in_column(*shown, STRETCH, of=body, spacing=14, margins=(14, 4, 10 + BAR_WIDTH, 14))
        self._arrange(body)
        theme().changed.connect(self.refresh_icons)
        self.refresh_icons()

    def _arrange(self, body: QWidget) -> None:
        self._filter = dressed(QLineEdit(), name=f"{self.section}Filter", spoken=f"Filter {self.section} settings")
        self._filter.setPlaceholderText("Filter settings")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._apply_filter)
        self._search = self._filter.addAction(theme().icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        scroll = scrolled(body)
        # One row is enough: findings above the form must not make a low window grow.
        scroll.setMinimumHeight(LEAST_HEIGHT)
        bar = scroll.verticalScrollBar()
        if bar is not None:
            bar.rangeChanged.connect(self._keep_width)
        head = in_column(self._filter, margins=(14, 10, 30 + BAR_WIDTH + 10, 4))
        in_column(head, (scroll, 1), of=self, spacing=4, margins=(0, 0, 0, 0))

    def _make_fold(self, count: int) -> QToolButton:
        fold = dressed(QToolButton(), name=f"{self.section}Advanced", role="fold")
        fold.setText(f" Advanced ({count})")
        fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        fold.setCheckable(True)
        fold.setVisible(count > 0)
        fold.toggled.connect(self._unfold)
        return fold

    def _make_group(self, name: str, fields: list[FieldInfo]) -> QWidget:
        rows = [FieldRow(info, self.section, self._defaults.get(info.name)) for info in fields]
        for row in rows:
            row.edited.connect(lambda field, value: self.edited.emit(self.section, field, value))
            row.resetRequested.connect(self._reset)
            self.rows[row.info.name] = row
        box = QWidget()
        in_column(dressed(QLabel(name.upper()), role="section"), *rows, of=box, spacing=4, margins=(0, 0, 0, 0))
        self._groups.append((box, rows))
        return box

    def show_values(
        self, values: Mapping[str, object], problems: Mapping[str, str], notes: Mapping[str, str] | None = None
    ) -> None:
        """Show each field's value, whether it differs from the default, its problem and its note."""
        for name, row in self.rows.items():
            value = values.get(name)
            row.show_value(value, value != self._defaults.get(name))
            row.show_problem(problems.get(name, ""))
            row.show_note((notes or {}).get(name, ""))
        others = [sentence for name, sentence in problems.items() if name not in self.rows]
        self._banner.setText(" ".join(others))
        self._banner.setVisible(bool(others))
        if any(problems.get(row.info.name) for row in self.rows.values() if row.info.advanced):
            self._fold.setChecked(True)

    def refresh_icons(self) -> None:
        """Redraw the icons in the theme's colours."""
        for row in self.rows.values():
            row.refresh_icons()
        self._fold.setIcon(theme().icon("chevron-down" if self._fold.isChecked() else "chevron-right", "text-muted"))
        if self._search is not None:
            self._search.setIcon(theme().icon("search", "text-muted"))

    def _reset(self, name: str) -> None:
        self.edited.emit(self.section, name, self._defaults[name])

    def _keep_width(self, _: int, most: int) -> None:
        """Reserve space for the scroll bar while it is hidden, so that the editors align with the filter box."""
        self._body.setContentsMargins(14, 4, 10 if most > 0 else 10 + BAR_WIDTH, 14)

    def _unfold(self, shown: bool) -> None:
        self._advanced.setVisible(shown)
        self.refresh_icons()

    def _apply_filter(self, text: str) -> None:
        for row in self.rows.values():
            row.setVisible(row.matches(text))
        for box, rows in self._groups:
            box.setVisible(any(row.matches(text) for row in rows))
        searching = bool(text.strip())
        self._fold.setVisible(not searching and any(row.info.advanced for row in self.rows.values()))
        self._advanced.setVisible(searching or self._fold.isChecked())
        self._nothing.setVisible(not any(row.matches(text) for row in self.rows.values()))


def _grouped(fields: Iterable[FieldInfo]) -> Iterable[tuple[str, list[FieldInfo]]]:
    groups: dict[str, list[FieldInfo]] = {}
    for info in fields:
        groups.setdefault(info.group, []).append(info)
    return groups.items()
