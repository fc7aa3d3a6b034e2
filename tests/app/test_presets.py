"""Presets by name: what they would change is shown before they are applied."""

from __future__ import annotations

import pytest
from app_support import toast_texts
from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from ptychopinn_app.job_settings.presets import BUILT_IN, Preset, table_of
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.presets_dialog import PresetsDialog


@pytest.fixture
def dialog(window: MainWindow) -> PresetsDialog:
    window.action("actionPresets").trigger()
    found = window.findChild(PresetsDialog)
    assert found is not None and found.isVisible() and not found.isModal()
    return found


def new_dialog(window: MainWindow) -> PresetsDialog:
    session = window.session
    return PresetsDialog(session.state, session.messages, session.edits, session.app_settings, window)


def press(dialog: PresetsDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None and button.isEnabled()
    button.click()


def enabled(dialog: PresetsDialog, name: str) -> bool:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    return button.isEnabled()


def changes(dialog: PresetsDialog) -> list[tuple[str, ...]]:
    table = dialog.findChild(QTableWidget, "presetChanges")
    assert table is not None
    cells = [[table.item(row, column) for column in range(3)] for row in range(table.rowCount())]
    return [tuple(cell.text() for cell in row if cell is not None) for row in cells]


def save_as(dialog: PresetsDialog, name: str, qtbot: QtBot) -> None:
    field = dialog.findChild(QLineEdit, "presetName")
    assert field is not None
    field.setText(name)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize("preset", BUILT_IN, ids=lambda preset: preset.name)
def test_every_built_in_preset_is_valid(preset: Preset) -> None:
    config = JobSettings()
    assert config.restore(table_of(preset, config)) == []
    assert not any(config.problems(section) for section in config.defaults)
    changed = sum(config.changed(section) for section in config.defaults)
    assert changed == sum(len(values) for values in preset.table.values())
    assert preset.words.endswith(".")


def test_changes_are_shown_before_they_are_applied_and_can_be_undone(window: MainWindow, dialog: PresetsDialog) -> None:
    assert changes(dialog) == [] and not enabled(dialog, "presetApply")
    window.session.state.set_value("training", "nepochs", 17)
    dialog.choose("Best picture")
    assert changes(dialog) == [("Training: Epochs", "17", "200"), ("Inference: Refinement sweeps", "0", "20")]
    assert window.session.state.config.values("training")["nepochs"] == 17, "looking changes nothing"
    press(dialog, "presetApply")
    assert window.session.state.config.values("training")["nepochs"] == 200
    assert changes(dialog) == []
    assert window.action("actionUndo").text() == "&Undo preset Best picture"
    window.action("actionUndo").trigger()
    assert window.session.state.config.values("training")["nepochs"] == 17


def test_presets_keep_the_settings_of_data_and_machine(opened: MainWindow) -> None:
    opened.session.state.set_value("execution", "accelerator", "cpu")
    size = opened.session.state.config.values("model")["N"]
    assert size == 32
    opened.action("actionPresets").trigger()
    dialog = opened.findChild(PresetsDialog)
    assert dialog is not None
    dialog.choose("Little memory")
    press(dialog, "presetApply")
    assert opened.session.state.config.values("model")["N"] == 32
    assert opened.session.state.config.values("execution")["accelerator"] == "cpu"
    assert opened.session.state.config.values("training")["batch_size"] == 1


def test_own_presets_are_saved_applied_and_deleted(
    window: MainWindow, dialog: PresetsDialog, qtbot: QtBot, store: QSettings
) -> None:
    window.session.state.set_value("training", "nepochs", 33)
    window.session.state.set_value("iterations", "modes", 2)
    save_as(dialog, "Beamline 7", qtbot)
    window.session.state.set_value("training", "nepochs", 60)
    other = new_dialog(window)
    other.choose("Beamline 7")
    assert changes(other) == [("Training: Epochs", "60", "33")]
    press(other, "presetApply")
    assert window.session.state.config.values("training")["nepochs"] == 33
    press(other, "presetDelete")
    other.choose("Beamline 7")
    assert not enabled(other, "presetDelete"), "those of the application stay"
    assert "Beamline 7" not in str(store.value("presets"))
    other.close()


def test_saving_under_an_existing_name_says_replace(window: MainWindow, dialog: PresetsDialog, qtbot: QtBot) -> None:
    save_as(dialog, "Beamline 7", qtbot)
    window.session.state.set_value("training", "nepochs", 44)
    field, save = dialog.findChild(QLineEdit, "presetName"), dialog.findChild(QPushButton, "presetSave")
    assert field is not None and save is not None and save.text() == "Save"
    field.setText("beamline 7")
    assert save.text() == "Replace"
    press(dialog, "presetSave")
    assert save.text() == "Save"
    own = window.settings.table("presets")
    assert list(own) == ["beamline 7"] and own["beamline 7"]["training"] == {"nepochs": 44}


def test_the_dialog_opens_only_once(window: MainWindow, dialog: PresetsDialog) -> None:
    window.action("actionPresets").trigger()
    assert window.findChildren(PresetsDialog) == [dialog]


def test_the_name_of_a_built_in_preset_is_refused(dialog: PresetsDialog, qtbot: QtBot) -> None:
    save_as(dialog, "balanced", qtbot)
    assert any("name of a built-in preset" in label.text() for label in dialog.findChildren(QLabel))


def test_the_valid_part_of_a_damaged_preset_is_applied(
    window: MainWindow, store: QSettings, dialog: PresetsDialog
) -> None:
    window.settings.put_table("presets", {"Old": {"training": {"nepochs": 12, "no_such": 1}}, "Broken": 3})
    other = new_dialog(window)
    other.choose("Old")
    press(other, "presetApply")
    assert window.session.state.config.values("training")["nepochs"] == 12
    assert "Skipped (unknown or invalid): training.no_such" in toast_texts(window)
    other.close()
