"""Line edit for numbers: accepts and shows notation such as 1e-9, and indicates what an empty field means."""

from __future__ import annotations

import math

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QLabel, QLineEdit, QWidget

from ptychopinn_app.binder.values import Invalid, number_text
from ptychopinn_app.widgets import dressed


class NumberEdit(QLineEdit):
    """Line edit for a float or an int; the arrow keys change the value, and an empty optional field means None."""

    valueChanged = pyqtSignal(object)

    def __init__(self, kind: type, optional: bool, unset: str, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._optional = optional
        self._unit = dressed(QLabel(unit, self), role="muted")
        self._unit.setVisible(bool(unit))
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if optional:
            self.setPlaceholderText(unset)
        self.textEdited.connect(lambda _: self.valueChanged.emit(self.value()))

    def value(self) -> object:
        """Return the number; None for an empty optional field, Invalid for text that is not a valid number."""
        text = self.text().strip()
        if not text and self._optional:
            return None
        word = "a whole number" if self._kind is int else "a number"
        try:
            number = float(text)
        except ValueError:
            problem = f"'{text}' is not {word}" if text else "The field is empty"
            return Invalid(text, f"{problem}; enter {word}{', or leave it empty' if self._optional and text else ''}.")
        if not math.isfinite(number) or (self._kind is int and number != int(number)):
            return Invalid(text, f"'{text}' is not {word}; enter {word}.")
        return int(number) if self._kind is int else number

    def set_value(self, value: object) -> None:
        """Show a value without emitting a signal; text that already represents this value stays as typed."""
        if self.value() == value and (self.text() or value is None):
            return
        if isinstance(value, Invalid):
            self.setText(value.text)
        elif isinstance(value, int | float):
            self.setText(number_text(value))
        else:
            self.setText("")

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Change the leading digit by one when Up or Down is pressed."""
        if event is not None and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            value = self.value()
            if isinstance(value, int | float):
                self._step(value, 1 if event.key() == Qt.Key.Key_Up else -1)
                event.accept()
                return
        super().keyPressEvent(event)

    def _step(self, value: float, sign: int) -> None:
        step = 10 ** math.floor(math.log10(abs(value))) if value else 1
        if value and sign * value < 0 and abs(value) == step:
            step /= 10
        moved = value + sign * (max(1, int(step)) if self._kind is int else step)
        self.setText(number_text(self._kind(float(f"{moved:.12g}"))))
        self.valueChanged.emit(self.value())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the unit at the right edge."""
        super().resizeEvent(event)
        self._place_unit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Keep the unit in place when the font or the style changes."""
        super().changeEvent(event)
        if hasattr(self, "_unit"):
            self._place_unit()

    def _place_unit(self) -> None:
        if not self._unit.text():
            return
        size = self._unit.sizeHint()
        self.setTextMargins(0, 0, size.width() + 4, 0)
        self._unit.setGeometry(self.width() - size.width() - 8, 0, size.width(), self.height())
