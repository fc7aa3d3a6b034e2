"""One row of a form: label, editor and reset arrow, with problems and notes below."""

from __future__ import annotations

from html import escape

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QLabel, QToolButton, QWidget

from ptychopinn.config.field import FieldInfo
from ptychopinn_app.binder.editors import make_editor
from ptychopinn_app.binder.values import value_text
from ptychopinn_app.theme import theme
from ptychopinn_app.widgets import dressed, in_row

LABEL_WIDTH = 158
RESET_WIDTH = 24


class FieldRow(QWidget):
    """Row for one field; `edited` carries the entered value."""

    edited = pyqtSignal(str, object)
    resetRequested = pyqtSignal(str)

    def __init__(self, info: FieldInfo, section: str, default: object, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self._editor = make_editor(info, section, self)
        tip = self._tooltip(default)
        self._editor.widget.setToolTip(tip)
        self._label = dressed(QLabel(info.label), tip=tip)
        self._label.setFixedWidth(LABEL_WIDTH)
        self._label.setBuddy(self._editor.widget)
        self._reset = dressed(
            QToolButton(), spoken=f"Reset {info.label}", tip=f"Reset to {value_text(default, info.unset)}"
        )
        self._reset.setFixedSize(RESET_WIDTH, RESET_WIDTH)
        self._problem = dressed(QLabel(), role="problem")
        self._note = dressed(QLabel(), role="small")
        for label in (self._label, self._problem, self._note):
            label.setWordWrap(True)
        self._problem.hide()
        self._note.hide()
        self._arrange()
        self._editor.changed.connect(lambda *_: self.edited.emit(self.info.name, self._editor.get()))
        self._reset.clicked.connect(lambda: self.resetRequested.emit(self.info.name))
        self.refresh_icons()

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        editor = self._editor.widget
        # Fixed width, so that editors keep their width whether or not the arrow is shown.
        place = QWidget()
        place.setFixedWidth(RESET_WIDTH)
        in_row(self._reset, of=place, margins=(0, 0, 0, 0))
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(editor, 0, 1, left if isinstance(editor, QCheckBox) else Qt.AlignmentFlag(0))
        grid.addWidget(place, 0, 2)
        grid.addWidget(self._problem, 1, 1, 1, 2)
        grid.addWidget(self._note, 2, 1, 1, 2)
        grid.setRowMinimumHeight(0, 28)

    @property
    def editor(self) -> QWidget:
        """The widget that edits the value."""
        return self._editor.widget

    def show_value(self, value: object, changed: bool) -> None:
        """Show a value and whether it differs from its default."""
        self._editor.put(value)
        self._reset.setVisible(changed)
        # The style sheet makes it bold; a font set here would be lost when the theme changes.
        _set_state(self._label, "changed", changed)

    def show_problem(self, sentence: str) -> None:
        """Show a problem with the value; an empty string clears it."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        _set_state(self._editor.widget, "invalid", bool(sentence))

    def show_note(self, sentence: str) -> None:
        """Show a note on a valid value, unless a problem is shown."""
        shown = sentence if not self.problem() else ""
        self._note.setText(shown)
        self._note.setVisible(bool(shown))

    def note(self) -> str:
        """Return the note shown below the field."""
        return self._note.text()

    def problem(self) -> str:
        """Return the problem shown below the field."""
        return self._problem.text()

    def matches(self, text: str) -> bool:
        """Return whether every word of the filter text occurs in the name, label or help."""
        where = f"{self.info.name} {self.info.label} {self.info.help}".lower()
        return all(word in where for word in text.lower().split())

    def refresh_icons(self) -> None:
        """Redraw the icon in the theme's colour."""
        self._reset.setIcon(theme().icon("reset", "accent"))

    def _tooltip(self, default: object) -> str:
        info, shown = self.info, value_text(default, self.info.unset, self.info.unit)
        return (
            f"<p style='white-space:pre-wrap'><b>{escape(info.label)}</b></p><p>{escape(info.help)}</p>"
            f"<p>Setting <code>{escape(info.name)}</code>, default {escape(shown)}.</p>"
        )


def _set_state(widget: QWidget, name: str, on: bool) -> None:
    """Set a property used by the style sheet, and restyle the widget if the value changed."""
    style = widget.style()
    if bool(widget.property(name)) != on and style is not None:
        widget.setProperty(name, on)
        style.unpolish(widget)
        style.polish(widget)
