"""A slider through the previews of a run; its right end follows the newest preview."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QSlider, QWidget

from ptychopinn_app.widgets import dressed, in_row

LEAST = 2


class EpochScrubber(QWidget):
    """Slider through previews, hidden while there are fewer than two.

    Signals
    -------
    chosen : index of the selected preview; 0 is the oldest
    followed : the slider has reached its end, so the newest preview must be shown
    """

    chosen = pyqtSignal(int)
    followed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stored: tuple[tuple[int, int], ...] = ()
        self._step = "epoch"
        tip = "Drag left to see older previews of the run"
        self._slider = dressed(QSlider(Qt.Orientation.Horizontal), name="epochSlider", spoken="Epoch shown", tip=tip)
        self._slider.valueChanged.connect(self._moved)
        self._label = dressed(QLabel("&Epoch"), role="muted")
        self._label.setBuddy(self._slider)
        self._words = dressed(QLabel(), role="muted")
        self._words.setMinimumWidth(70)
        in_row(self._label, (self._slider, 1), self._words, of=self, spacing=10, margins=(12, 2, 12, 4))
        self.hide()

    @property
    def follows(self) -> bool:
        """Whether the newest preview is shown."""
        return self._slider.value() >= len(self._stored)

    def set_previews(self, stored: tuple[tuple[int, int], ...], step: str) -> None:
        """Set the previews. The slider stays on the selected preview; if it was at its end, it moves to the new end.

        Parameters
        ----------
        stored : (number, epoch) of each preview, oldest first; the numbers increase and are never reassigned
        step : unit of the second value of each pair: 'epoch' or 'sweep'
        """
        chosen = None if self.follows else self._stored[self._slider.value()][0]
        self._stored, self._step = stored, step
        place = len(stored)
        if chosen is not None and stored:
            place = min(range(len(stored)), key=lambda each: abs(stored[each][0] - chosen))
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, len(stored))
            self._slider.setValue(place)
        self._label.setText(f"&{step.capitalize()}")
        self._slider.setAccessibleName(f"{step.capitalize()} shown")
        self.setVisible(len(stored) >= LEAST)
        self._describe()
        if chosen is not None and (not stored or stored[place][0] != chosen):
            # The selected preview was deleted: show its neighbour, or the newest.
            self._moved(place)

    def go_to(self, place: int) -> None:
        """Move the slider to the preview at an index."""
        self._slider.setValue(place)

    def follow(self) -> None:
        """Move the slider to the end."""
        self._slider.setValue(len(self._stored))

    def caption(self, epoch: int) -> str:
        """Return the caption of a preview: 'Epoch 3', or 'Before the first epoch'."""
        return f"{self._step.capitalize()} {epoch}" if epoch else f"Before the first {self._step}"

    def words(self) -> str:
        """Return the text next to the slider."""
        return self._words.text()

    def _moved(self, place: int) -> None:
        self._describe()
        if self.follows:
            self.followed.emit()
        else:
            self.chosen.emit(place)

    def _describe(self) -> None:
        self._words.setText("newest" if self.follows else f"{self._stored[self._slider.value()][1]}")
