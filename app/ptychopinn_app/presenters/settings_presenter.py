"""Connects the settings with their forms, the tool bar, and undo and redo."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.services.devices import Device
from ptychopinn_app.session.check_list import CheckList
from ptychopinn_app.session.edits import SettingsEdits
from ptychopinn_app.session.machine import Machine
from ptychopinn_app.session.state import SessionState


class SettingsPresenter(QObject):
    """Shows every change to a setting, whether made by the user or by the program."""

    def __init__(
        self, parts: WindowParts, state: SessionState, edits: SettingsEdits, check_list: CheckList, machine: Machine
    ) -> None:
        super().__init__(parts.window)
        self._forms, self._bar, self._actions = parts.forms, parts.bar, parts.actions
        self._state, self._edits, self._check_list = state, edits, check_list
        self._forms.edited.connect(edits.edit)
        self._bar.backendChosen.connect(state.set_backend)
        self._bar.deviceChosen.connect(state.set_device)
        state.configChanged.connect(self._config_changed)
        state.backendChecked.connect(lambda _: self._show_backend())
        machine.devicesChanged.connect(self._show_devices)
        edits.indexChanged.connect(lambda _: self._show_edits())
        for section in SECTIONS:
            self._show_section(section.name)
        self._show_backend()
        self._show_edits()

    def _config_changed(self, section: str) -> None:
        if section == "backend":
            self._show_backend()
            return
        # What fits training and inference depends on the model.
        for changed in ("model", "training", "inference") if section == "model" else (section,):
            self._show_section(changed)
        if section == "execution":
            self._show_device()

    def _show_section(self, section: str) -> None:
        config, problems = self._state.config, self._state.problems(section)
        notes = self._check_list.notes(section)
        self._forms.show_section(section, config.values(section), problems, config.changed(section), notes)

    def _show_edits(self) -> None:
        """Show in the menu which edit would be undone or redone."""
        edits = self._edits
        for name, word, possible, what in (
            ("actionUndo", "&Undo", edits.canUndo(), edits.undoText()),
            ("actionRedo", "&Redo", edits.canRedo(), edits.redoText()),
        ):
            self._actions[name].setEnabled(possible)
            self._actions[name].setText(f"{word} {what[:1].lower()}{what[1:]}" if possible else word)

    def _show_backend(self) -> None:
        config = self._state.config
        self._bar.show_backend(config.backend, self._state.backend_problem)
        self._forms.show_execution(config.backend == "pytorch")
        self._show_device()

    def _show_device(self) -> None:
        config = self._state.config
        self._bar.show_device(str(config.values("execution").get("accelerator", "auto")), config.device_index)

    def _show_devices(self, devices: tuple[Device, ...]) -> None:
        self._bar.show_devices(devices)
        self._show_device()
