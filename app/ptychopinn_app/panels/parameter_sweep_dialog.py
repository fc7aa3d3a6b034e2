"""Queue one training run for each of several values of a setting. Not modal."""

from __future__ import annotations

from PyQt6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from ptychopinn.errors import ConfigError
from ptychopinn.wording import counted
from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.session.parameter_sweep import ParameterSweep, swept_fields
from ptychopinn_app.widgets import STRETCH, Dialog, button, dressed, in_column, in_row, set_style, wrapped


class ParameterSweepDialog(Dialog):
    """Shows how many training runs would be queued, or what is wrong with the values."""

    def __init__(self, sweep: ParameterSweep, parent: QWidget | None = None) -> None:
        super().__init__("Sweep a setting", "sweepDialog", parent)
        self._sweep = sweep
        self.setMinimumWidth(520)
        self._fields = swept_fields()
        self._field = dressed(QComboBox(), name="sweepField", spoken="Setting")
        for section, info in self._fields:
            self._field.addItem(f"{BY_NAME[section].title}: {info.label}", info.name)
        self._field.currentIndexChanged.connect(lambda _: self._check())
        self._values = dressed(QLineEdit(), name="sweepValues", spoken="Values")
        self._values.setPlaceholderText("Values separated by commas")
        self._values.textChanged.connect(lambda _: self._check())
        self._message = dressed(wrapped(), name="sweepMessage")
        self._message.setMinimumHeight(40)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(10)
        form.addRow("&Setting", self._field)
        form.addRow("&Values", self._values)
        self._add = button("Add to queue", self._start, name="sweepAdd", role="primary")
        self._add.setDefault(True)
        buttons = in_row(STRETCH, self.close_button(""), self._add, spacing=8)
        in_column(form, self._message, buttons, of=self, spacing=14, margins=(22, 20, 22, 18))
        self._check()

    def _check(self) -> None:
        section, info = self._fields[self._field.currentIndex()]
        problem = self._sweep.why_not()
        summary = ""
        if not problem:
            try:
                values = self._sweep.values(section, info, self._values.text())
                summary = (
                    f"{counted(len(values), 'training run')}, one after another, with all other settings unchanged."
                )
            except ConfigError as error:
                problem = str(error)
        shown = bool(problem) and bool(self._values.text().strip())
        self._message.setText(problem if shown else summary or info.help)
        set_style(self._message, "role", "problem" if shown else "muted")
        self._add.setEnabled(not problem)

    def _start(self) -> None:
        section, info = self._fields[self._field.currentIndex()]
        self._sweep.start(section, info, self._sweep.values(section, info, self._values.text()))
        self.close()
