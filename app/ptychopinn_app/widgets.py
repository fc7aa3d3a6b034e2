"""Helpers that build widgets, dialogs, rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from PyQt6.QtCore import QRect, Qt, pyqtBoundSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ptychopinn_app.theme import theme

STRETCH = 1
"""Space that grows with the window."""
Slot: TypeAlias = Callable[..., object] | pyqtBoundSignal
Margins: TypeAlias = tuple[int, int, int, int]
Item: TypeAlias = QWidget | QLayout | int | tuple[QWidget | QLayout, int] | tuple[QWidget, int, Qt.AlignmentFlag]
_Box = TypeVar("_Box", bound=QBoxLayout)
_Widget = TypeVar("_Widget", bound=QWidget)
_Record = TypeVar("_Record")


class IconLabel(QWidget):
    """An icon of `size` pixels in a theme colour."""

    def __init__(self, name: str, size: int, token: str = "text") -> None:
        super().__init__()
        self._icon, self._place = theme().icon(name, token), QRect(0, 0, size, size)
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the icon."""
        painter = QPainter(self)
        self._icon.paint(painter, self._place)
        painter.end()


class Dialog(QDialog):
    """A dialog that is deleted when it closes. Open it with `show`, so that the window stays usable."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setObjectName(name)

    def close_button(self, role: str = "primary") -> QPushButton:
        """Return a button that closes the dialog; a primary button is also the default button."""
        close = button("Close", self.close, role=role)
        close.setDefault(role == "primary")
        return close


def dressed(widget: _Widget, *, name: str = "", role: str = "", spoken: str = "", tip: str = "") -> _Widget:
    """Set a widget's object name, its role in the style sheet, its name for screen readers and its tool tip."""
    if name:
        widget.setObjectName(name)
    if role:
        widget.setProperty("role", role)
    if spoken:
        widget.setAccessibleName(spoken)
    if tip:
        widget.setToolTip(tip)
    return widget


def set_style(widget: QWidget, name: str, value: object) -> None:
    """Set a property used by the style sheet, and reapply the style."""
    widget.setProperty(name, value)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def button(text: str, pressed: Slot, *, name: str = "", role: str = "", spoken: str = "", tip: str = "") -> QPushButton:
    """Build a button that calls a function or emits a signal when pressed; see `dressed` for the keyword arguments."""
    made = dressed(QPushButton(text), name=name, role=role, spoken=spoken, tip=tip)
    made.clicked.connect(pressed)
    return made


def icon_button(icon: str, tip: str, pressed: Slot) -> QToolButton:
    """Build a muted icon button; the tool tip is also its name for screen readers."""
    made = dressed(QToolButton(), spoken=tip, tip=tip)
    made.setIcon(theme().icon(icon, "text-muted"))
    made.clicked.connect(pressed)
    return made


def search_field(text: str, changed: Callable[[str], object], name: str = "") -> QLineEdit:
    """Build a search field that calls a function with its text on every change."""
    field = dressed(QLineEdit(), name=name, spoken=text)
    field.setPlaceholderText(text)
    field.setClearButtonEnabled(True)
    field.textChanged.connect(changed)
    return field


def wrapped(text: str = "", role: str = "") -> QLabel:
    """Build a label with word wrap."""
    label = dressed(QLabel(text), role=role)
    label.setWordWrap(True)
    return label


def empty_notice(text: str) -> QLabel:
    """Build the muted, centred text shown in place of an empty list."""
    label = dressed(QLabel(text), role="muted")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def current_record(view: QListWidget, kind: type[_Record]) -> _Record | None:
    """Return the user data of the current item; None if there is no item or its data has another type."""
    item = view.currentItem()
    data = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
    return data if isinstance(data, kind) else None


def offer_item(box: QComboBox, row: int, offered: bool, why_not: str = "") -> None:
    """Enable or disable an entry of a combo box; `why_not` is its tool tip while it is disabled."""
    model: Any = box.model()
    model.item(row).setEnabled(offered)
    box.setItemData(row, "" if offered else why_not, Qt.ItemDataRole.ToolTipRole)


def scrolled(inner: QWidget, area: QScrollArea | None = None) -> QScrollArea:
    """Make a widget scroll vertically in a frameless area: `area` if given, otherwise a new one."""
    area = area or QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area


def in_row(
    *items: Item, of: QWidget | None = None, spacing: int | None = None, margins: Margins | None = None
) -> QHBoxLayout:
    """Lay out items from left to right.

    Parameters
    ----------
    items : widgets and layouts, optionally with stretch factor and alignment; a number adds stretchable space
    of : the widget that gets the layout, None for a nested layout
    margins : left, top, right, bottom, in pixels
    """
    return _filled(QHBoxLayout() if of is None else QHBoxLayout(of), items, spacing, margins)


def in_column(
    *items: Item, of: QWidget | None = None, spacing: int | None = None, margins: Margins | None = None
) -> QVBoxLayout:
    """Lay out items from top to bottom; the arguments are those of `in_row`."""
    return _filled(QVBoxLayout() if of is None else QVBoxLayout(of), items, spacing, margins)


def pair_grid(
    pairs: Iterable[tuple[str, str]], of: QWidget | None = None, margins: Margins | None = None
) -> QGridLayout:
    """Lay out (name, value) pairs as rows of two labels; `of` and `margins` have the same meaning as in `in_row`."""
    grid = QGridLayout() if of is None else QGridLayout(of)
    if margins is not None:
        grid.setContentsMargins(*margins)
    grid.setHorizontalSpacing(30)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(pairs):
        grid.addWidget(dressed(QLabel(name), role="muted"), row, 0)
        grid.addWidget(QLabel(value), row, 1)
    return grid


def _filled(box: _Box, items: tuple[Item, ...], spacing: int | None, margins: Margins | None) -> _Box:
    if margins is not None:
        box.setContentsMargins(*margins)
    if spacing is not None:
        box.setSpacing(spacing)
    for item in items:
        if isinstance(item, int):
            box.addStretch(item)
            continue
        parts = item if isinstance(item, tuple) else (item, 0)
        part, stretch = parts[0], parts[1]
        if isinstance(part, QLayout):
            box.addLayout(part, stretch)
        else:
            box.addWidget(part, stretch, parts[2] if len(parts) == 3 else Qt.AlignmentFlag(0))
    return box
