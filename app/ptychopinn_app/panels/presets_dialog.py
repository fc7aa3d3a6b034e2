"""Choose, preview and apply a preset, or save the current settings as one. Not modal."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from ptychopinn_app.job_settings.presets import Preset, delete_preset, presets, save_preset, table_of
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.comparison import differing_settings
from ptychopinn_app.session.edits import SettingsEdits
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.state import SessionState
from ptychopinn_app.views.settings_table import SettingsTable
from ptychopinn_app.widgets import Dialog, Slot, button, current_record, dressed, in_column, in_row, wrapped


class PresetsDialog(Dialog):
    """Lists the presets. Applying a preset is a single undo step."""

    def __init__(
        self, state: SessionState, messages: Messages, edits: SettingsEdits, app_settings: Settings, parent: QWidget
    ) -> None:
        super().__init__("Presets", "presetsDialog", parent)
        self._config, self._messages, self._edits, self._app_settings = state.config, messages, edits, app_settings
        self.resize(760, 420)
        self._list = dressed(QListWidget(), name="presetList", spoken="Presets")
        self._list.setFixedWidth(220)
        self._list.currentItemChanged.connect(lambda *_: self._show())
        self._description = wrapped()
        self._table = SettingsTable("presetChanges", "Changes made by the preset", ("Now", "With preset"))
        self._name = dressed(QLineEdit(), name="presetName", spoken="Name of a new preset")
        self._name.setPlaceholderText("Name for the current settings")
        self._name.returnPressed.connect(self._save)
        self._name.textChanged.connect(self._name_save)
        self._save_button = _button("Save", "presetSave", self._save)
        self._delete_button = _button("Delete", "presetDelete", self._delete)
        self._apply_button = dressed(_button("Apply", "presetApply", self._apply), role="primary")
        left = in_column((self._list, 1), self._delete_button, spacing=8)
        right = in_column(self._description, (self._table, 1), spacing=8)
        upper = in_row(left, (right, 1), spacing=14)
        lower = in_row((self._name, 1), self._save_button, spacing=8)
        lower.addSpacing(20)
        lower.addWidget(_button("Close", "presetClose", self.close))
        lower.addWidget(self._apply_button)
        in_column((upper, 1), lower, of=self, spacing=14, margins=(22, 20, 22, 18))
        state.configChanged.connect(self._show)
        self._fill("")

    def choose(self, name: str) -> None:
        """Select a preset."""
        for item in self._list.findItems(name, Qt.MatchFlag.MatchExactly):
            self._list.setCurrentItem(item)

    def _fill(self, selected: str) -> None:
        self._list.clear()
        for preset in presets(self._app_settings):
            item = QListWidgetItem(preset.name)
            item.setData(Qt.ItemDataRole.UserRole, preset)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self.choose(selected)

    def _show(self) -> None:
        preset = current_record(self._list, Preset)
        if preset is None:
            return
        rows = differing_settings(self._config.to_table(), table_of(preset, self._config))
        nothing = " These settings are already in use." if not rows else ""
        self._description.setText(f"{preset.words}{nothing}")
        self._table.show_rows(rows)
        self._apply_button.setEnabled(bool(rows))
        self._delete_button.setEnabled(preset.own)

    def _apply(self) -> None:
        preset = current_record(self._list, Preset)
        if preset is None:
            return
        unsupported = self._edits.replace(table_of(preset, self._config), f"preset {preset.name}")
        if unsupported:
            self._messages.warn(
                f"Applied preset {preset.name}. Skipped (unknown or invalid): {', '.join(unsupported)}."
            )
        else:
            self._messages.success(f"Preset {preset.name} applied.")
        self._show()

    def _name_save(self, name: str) -> None:
        """Rename the Save button to Replace if a saved preset has the entered name."""
        names = [each.name.lower() for each in presets(self._app_settings) if each.own]
        self._save_button.setText("Replace" if name.strip().lower() in names else "Save")

    def _save(self) -> None:
        name = self._name.text().strip()
        problem = save_preset(self._app_settings, name, self._config)
        if problem:
            self._description.setText(problem)
            return
        self._name.clear()
        self._fill(name)

    def _delete(self) -> None:
        preset = current_record(self._list, Preset)
        if preset is not None and preset.own:
            delete_preset(self._app_settings, preset.name)
            self._fill("")


def _button(text: str, name: str, pressed: Slot) -> QPushButton:
    made = button(text, pressed, name=name)
    # Return in the name field saves; it must not press another button.
    made.setAutoDefault(False)
    return made
