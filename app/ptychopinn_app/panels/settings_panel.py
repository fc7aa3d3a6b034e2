"""The four settings forms in tabs."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QTabWidget, QWidget

from ptychopinn_app.binder.form import DataclassForm
from ptychopinn_app.job_settings.sections import BY_NAME, SECTIONS

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class SettingsPanel(QTabWidget):
    """One form per section; the tab says how many values were changed."""

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
        """Show the values of a section, what is wrong with them, and remarks on them."""
        form = self.forms[section]
        form.show_values(values, problems, notes)
        index = self.indexOf(form)
        # A raised number is small enough not to push the last tab out of a narrow dock.
        title = BY_NAME[section].title + (str(changed).translate(RAISED) if changed else "")
        self.setTabText(index, f"{title} !" if problems else title)
        wrong = "Something here needs mending" if problems else f"{changed} changed from the default"
        self.setTabToolTip(index, wrong if problems or changed else "All settings at their defaults")

    def show_execution(self, shown: bool) -> None:
        """Show the execution settings only where the backend takes them."""
        self.setTabVisible(self.indexOf(self.forms["execution"]), shown)
