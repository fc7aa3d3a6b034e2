"""The settings forms in tabs."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QTabWidget, QWidget

from ptychopinn_app.binder.form import DataclassForm
from ptychopinn_app.job_settings.sections import BY_NAME, SECTIONS

SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class SettingsPanel(QTabWidget):
    """One form per section; each tab shows how many values differ from the defaults."""

    edited = pyqtSignal(str, str, object)

    def __init__(self, defaults: Mapping[str, Mapping[str, object]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsTabs")
        self.setDocumentMode(True)
        self.forms: dict[str, DataclassForm] = {}
        for section in SECTIONS:
            form = DataclassForm(section.name, section.fields(), defaults[section.name])
            form.edited.connect(self.edited)
            self.forms[section.name] = form
            self.addTab(form, section.title)

    def show_section(
        self,
        section: str,
        values: Mapping[str, object],
        problems: Mapping[str, str],
        changed: int,
        notes: Mapping[str, str] | None = None,
    ) -> None:
        """Show the values of a section, with problems and notes by field name."""
        form = self.forms[section]
        form.show_values(values, problems, notes)
        index = self.indexOf(form)
        # A superscript is narrow enough to keep the last tab inside a narrow dock.
        title = BY_NAME[section].title + (str(changed).translate(SUPERSCRIPT) if changed else "")
        self.setTabText(index, f"{title} !" if problems else title)
        state = f"{changed} changed from the default" if changed else "All settings at their defaults"
        self.setTabToolTip(index, "This tab has invalid settings" if problems else state)

    def show_execution(self, shown: bool) -> None:
        """Show or hide the execution settings tab, which applies only to the PyTorch backend."""
        self.setTabVisible(self.indexOf(self.forms["execution"]), shown)
