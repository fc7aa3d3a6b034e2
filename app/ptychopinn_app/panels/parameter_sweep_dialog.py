"""Choose a setting and several values for it: one training each. Not modal."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from ptychopinn.errors import ConfigError
from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.session.parameter_sweep import ParameterSweep, swept_fields
from ptychopinn_app.widgets import STRETCH, dressed, in_column, in_row


class ParameterSweepDialog(QDialog):
    """Says how many trainings it would queue, or what is wrong with the values."""

    def __init__(self, sweep: ParameterSweep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sweep = sweep
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Sweep a setting")
        self.setObjectName("sweepDialog")
        self.setMinimumWidth(520)
        self._fields = swept_fields()
        self._field = dressed(QComboBox(), name="sweepField", spoken="Setting")
        for section, info in self._fields:
            self._field.addItem(f"{BY_NAME[section].title}: {info.label}", info.name)
        self._field.currentIndexChanged.connect(lambda _: self._look())
        self._values = dressed(QLineEdit(), name="sweepValues", spoken="Values")
        self._values.setPlaceholderText("separated by commas")
        self._values.textChanged.connect(lambda _: self._look())
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setMinimumHeight(40)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(10)
        form.addRow("&Setting", self._field)
        form.addRow("&Values", self._values)
        self._add = dressed(QPushButton("Add to queue"), name="sweepAdd", role="primary")
        self._add.setDefault(True)
        self._add.clicked.connect(self._start)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        buttons = in_row(STRETCH, close, self._add, spacing=8)
        in_column(form, self._words, buttons, of=self, spacing=14, margins=(22, 20, 22, 18))
        self._look()

    def choose(self, name: str, values: str) -> None:
        """Fill the dialog."""
        self._field.setCurrentIndex(self._field.findData(name))
        self._values.setText(values)

    def words(self) -> str:
        """Give what the dialog says of its values."""
        return self._words.text()

    def _look(self) -> None:
        section, info = self._fields[self._field.currentIndex()]
        problem = self._sweep.why_not()
        words = ""
        if not problem:
            try:
                values = self._sweep.values(section, info, self._values.text())
                words = f"{len(values)} trainings with the other settings as they are now, one after another."
            except ConfigError as error:
                problem = str(error)
        shown = bool(problem) and bool(self._values.text().strip())
        self._words.setText(problem if shown else words or info.help)
        self._words.setProperty("role", "problem" if shown else "muted")
        style = self._words.style()
        if style is not None:
            style.unpolish(self._words)
            style.polish(self._words)
        self._add.setEnabled(not problem)

    def _start(self) -> None:
        section, info = self._fields[self._field.currentIndex()]
        self._sweep.start(section, info, self._sweep.values(section, info, self._values.text()))
        self.close()
