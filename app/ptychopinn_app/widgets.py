"""Widgets with their names, and rows and columns of widgets, in one call."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

STRETCH = 1
"""Room that grows with the window."""
Margins: TypeAlias = tuple[int, int, int, int]
Item: TypeAlias = QWidget | QLayout | int | tuple[QWidget | QLayout, int] | tuple[QWidget, int, Qt.AlignmentFlag]
_Box = TypeVar("_Box", bound=QBoxLayout)
_Widget = TypeVar("_Widget", bound=QWidget)


def dressed(widget: _Widget, *, name: str = "", role: str = "", spoken: str = "", tip: str = "") -> _Widget:
    """Give a widget its object name, its role in the style sheet, its name for screen readers and its tool tip."""
    if name:
        widget.setObjectName(name)
    if role:
        widget.setProperty("role", role)
    if spoken:
        widget.setAccessibleName(spoken)
    if tip:
        widget.setToolTip(tip)
    return widget


def offer_item(box: QComboBox, row: int, offered: bool, why_not: str = "") -> None:
    """Enable or disable an entry of a combo box; `why_not` is its tool tip while disabled."""
    model: Any = box.model()
    model.item(row).setEnabled(offered)
    box.setItemData(row, "" if offered else why_not, Qt.ItemDataRole.ToolTipRole)


def scrolled(inner: QWidget) -> QScrollArea:
    """Put a widget into an area without a frame that scrolls up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area


def in_row(
    *items: Item, of: QWidget | None = None, spacing: int | None = None, margins: Margins | None = None
) -> QHBoxLayout:
    """Lay items from left to right.

    Parameters
    ----------
    items : widgets and layouts, with a stretch factor and an alignment where given; a number is empty room that grows
    of : the widget that is laid out, None for a layout within another
    margins : left, top, right, bottom, in pixels
    """
    return _filled(QHBoxLayout() if of is None else QHBoxLayout(of), items, spacing, margins)


def in_column(
    *items: Item, of: QWidget | None = None, spacing: int | None = None, margins: Margins | None = None
) -> QVBoxLayout:
    """Lay items from top to bottom; the arguments are those of `in_row`."""
    return _filled(QVBoxLayout() if of is None else QVBoxLayout(of), items, spacing, margins)


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
