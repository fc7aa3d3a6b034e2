"""Editors for fields, selected by field type from a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QSignalBlocker, Qt, pyqtBoundSignal
from PyQt6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from ptychopinn.config.field import FieldInfo
from ptychopinn_app.binder.numbers import NumberEdit
from ptychopinn_app.binder.paths import PathEdit

SPIN_LIMIT = 2**31 - 1
LEAST_WIDTH = 80


@dataclass(frozen=True)
class Editor:
    """Widget for one field, its change signal, and functions to read and show the value."""

    widget: QWidget
    changed: pyqtBoundSignal
    get: Callable[[], object]
    put: Callable[[object], None]


class _NoWheel(QObject):
    """Makes the mouse wheel scroll the form instead of changing an unfocused spin box or combo box."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        if watched.hasFocus():
            return False
        event.ignore()
        return True


def _silent(box: QWidget, show: Callable[[object], None]) -> Callable[[object], None]:
    """Wrap `show` so that `box` emits no signals during the call."""

    def put(value: object) -> None:
        with QSignalBlocker(box):
            show(value)

    return put


def _choice(info: FieldInfo) -> Editor:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    if info.optional:
        box.addItem(info.unset, None)
    for choice in info.choices or ():
        box.addItem(str(choice), choice)
    put = _silent(box, lambda value: box.setCurrentIndex(max(0, box.findData(value))))
    return Editor(box, box.currentIndexChanged, box.currentData, put)


def _flag(info: FieldInfo) -> Editor:
    box = QCheckBox()
    return Editor(box, box.toggled, box.isChecked, _silent(box, lambda value: box.setChecked(bool(value))))


def _whole(info: FieldInfo) -> Editor:
    box = QSpinBox()
    low = -SPIN_LIMIT if info.minimum is None else int(info.minimum)
    high = SPIN_LIMIT if info.maximum is None else int(info.maximum)
    box.setRange(low, high)
    # The widest number of the range needs more room than the form has.
    box.setMinimumWidth(LEAST_WIDTH)
    if info.unit:
        box.setSuffix(f" {info.unit}")

    def show(value: object) -> None:
        if isinstance(value, int) and value != box.value():
            box.setValue(value)

    return Editor(box, box.valueChanged, box.value, _silent(box, show))


def _number(info: FieldInfo) -> Editor:
    edit = NumberEdit(int if info.type is int else float, info.optional, info.unset, info.unit)
    return Editor(edit, edit.valueChanged, edit.value, edit.set_value)


def _path(info: FieldInfo) -> Editor:
    edit = PathEdit(info.path_kind, info.path_filter, info.optional)
    return Editor(edit, edit.valueChanged, edit.value, edit.set_value)


def _text(info: FieldInfo) -> Editor:
    edit = QLineEdit()
    edit.setPlaceholderText(info.unset if info.optional else "")

    def get() -> object:
        return edit.text() or (None if info.optional else "")

    def put(value: object) -> None:
        text = "" if value is None else str(value)
        if text != edit.text():
            edit.setText(text)

    return Editor(edit, edit.textEdited, get, put)


_TABLE: list[tuple[Callable[[FieldInfo], bool], Callable[[FieldInfo], Editor]]] = [
    (lambda info: info.choices is not None, _choice),
    (lambda info: info.type is bool and not info.optional, _flag),
    (lambda info: info.type is int and not info.optional, _whole),
    (lambda info: info.type in (int, float), _number),
    (lambda info: isinstance(info.type, type) and issubclass(info.type, Path), _path),
]


def make_editor(info: FieldInfo, section: str, parent: QWidget) -> Editor:
    """Build the editor for a field and name it ``<section>.<field>``; types not in the table are edited as text."""
    factory = next((make for fits, make in _TABLE if fits(info)), _text)
    editor = factory(info)
    widget = editor.widget
    widget.setObjectName(f"{section}.{info.name}")
    widget.setAccessibleName(info.label)
    widget.setAccessibleDescription(info.help)
    _guard(widget, parent)
    return editor


def guard_wheel(root: QWidget) -> None:
    """Keep the mouse wheel from changing unfocused combo and spin boxes in `root`."""
    for box in (*root.findChildren(QComboBox), *root.findChildren(QAbstractSpinBox)):
        # Boxes in forms are guarded already.
        if box.focusPolicy() == Qt.FocusPolicy.WheelFocus:
            _guard(box, root)


def _guard(widget: QWidget, parent: QWidget) -> None:
    # The wheel must not give a box the focus, because it would then edit it.
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_NoWheel(parent))
