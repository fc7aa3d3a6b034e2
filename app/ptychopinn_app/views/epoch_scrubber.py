"""A slider through the previews of a run; at its end it follows what is newest."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

LEAST = 2


class EpochScrubber(QWidget):
    """Hidden until there are previews to slide through.

    Signals
    -------
    chosen : place of a preview, oldest is 0
    followed : the end was reached: show the newest again
    """

    chosen = pyqtSignal(int)
    followed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._epochs: tuple[int, ...] = ()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("epochSlider")
        self._slider.setAccessibleName("Epoch shown")
        self._slider.setToolTip("Slide back through the previews of the run; the right end is the newest")
        self._slider.valueChanged.connect(self._moved)
        label = QLabel("&Epoch")
        label.setProperty("role", "muted")
        label.setBuddy(self._slider)
        self._words = QLabel()
        self._words.setProperty("role", "muted")
        self._words.setMinimumWidth(70)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 12, 4)
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self._slider, 1)
        row.addWidget(self._words)
        self.hide()

    @property
    def follows(self) -> bool:
        """Whether the newest is shown."""
        return self._slider.value() >= len(self._epochs)

    def set_epochs(self, epochs: tuple[int, ...]) -> None:
        """Take the epochs of the previews; the end stays the end, and a chosen one stays chosen."""
        follows = self.follows or not epochs
        self._epochs = epochs
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, len(epochs))
            if follows:
                self._slider.setValue(len(epochs))
        self.setVisible(len(epochs) >= LEAST)
        self._describe()

    def go_to(self, place: int) -> None:
        """Move the slider, as the user would."""
        self._slider.setValue(place)

    def follow(self) -> None:
        """Move the slider to its end."""
        self._slider.setValue(len(self._epochs))

    def words(self) -> str:
        """Give what stands beside the slider."""
        return self._words.text()

    def _moved(self, place: int) -> None:
        self._describe()
        if self.follows:
            self.followed.emit()
        else:
            self.chosen.emit(place)

    def _describe(self) -> None:
        self._words.setText("newest" if self.follows else f"{self._epochs[self._slider.value()]}")
