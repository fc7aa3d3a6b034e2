"""The same settings drive the application and the PtychoPINN entries of ptychodus, by way of its INI files."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from app_support import toast_texts

from ptychopinn.errors import DataError
from ptychopinn_app.job_settings.ptychodus_ini import read_ini, write_ini
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services import dialogs

CHANGES: dict[str, tuple[tuple[str, str, object], ...]] = {
    "tensorflow": (
        ("model", "gridsize", 2),
        ("model", "amp_activation", "swish"),
        ("model", "probe_mask", True),
        ("model", "gaussian_smoothing_sigma", 0.5),
        ("training", "nphotons", 3e7),
        ("training", "nepochs", 12),
        ("training", "mae_weight", 0.25),
        ("training", "neighbor_count", 9),
    ),
    "pytorch": (
        ("model", "gridsize", 3),
        ("model", "amp_activation", "swish"),
        ("model", "n_filters_scale", 1),
        ("training", "neighbor_count", 11),
        ("training", "batch_size", 32),
        ("execution", "learning_rate", 3e-4),
        ("execution", "scheduler", "Exponential"),
    ),
}


def changed(backend: str) -> JobSettings:
    config = JobSettings()
    config.backend = backend
    for section, field, value in CHANGES[backend]:
        assert config.values(section)[field] != value
        config.set(section, field, value)
    return config


@pytest.mark.parametrize("backend", sorted(CHANGES))
def test_exported_settings_are_imported_again(backend: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    assert write_ini(path, changed(backend)) == []
    other = JobSettings()
    other.backend = backend
    table, unread = read_ini(path, other)
    assert unread == []
    other.reset()
    assert other.restore(table) == []
    for section, field, value in CHANGES[backend]:
        assert other.values(section)[field] == value, field


def test_other_entries_of_a_ptychodus_file_are_preserved(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[Detector]\nWidthInPixels = 256\n\n[PtychoPINNTraining]\nNumEpochs = 3\nSomethingNew = 100%\n")
    write_ini(path, changed("tensorflow"))
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    assert parser["Detector"]["WidthInPixels"] == "256"
    assert parser["PtychoPINNTraining"]["NumEpochs"] == "12"
    assert parser["PtychoPINNTraining"]["SomethingNew"] == "100%"


def test_names_of_ptychodus_are_translated(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[PtychoPINNTorchModel]\namplitude_activation_function = silu\nobject_big = False\n")
    config = JobSettings()
    config.backend = "pytorch"
    table, unread = read_ini(path, config)
    assert unread == []
    assert table["model"] == {"amp_activation": "swish", "object_big": False}


def test_unusable_options_are_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(
        "[PtychoPINNTorchData]\ngrid_size_y = 2\ngrid_size_x = 3\n[PtychoPINNTorchTraining]\nepochs = many\n"
    )
    config = JobSettings()
    config.backend = "pytorch"
    table, unread = read_ini(path, config)
    assert unread == ["PtychoPINNTorchData.grid_size_x", "PtychoPINNTorchTraining.epochs"]
    assert table["model"] == {"gridsize": 2}


@pytest.mark.parametrize("text", ["no ini", "[PtychoPINNTraining]\nNumEpochs = 3\n"])
def test_a_file_without_settings_for_the_backend_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(text)
    config = JobSettings()
    config.backend = "pytorch"
    with pytest.raises(DataError, match=r"settings\.ini"):
        read_ini(path, config)


def test_the_menu_imports_exports_and_undoes(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.ini"
    monkeypatch.setattr(dialogs, "save_ini", lambda *_: path)
    monkeypatch.setattr(dialogs, "choose_ini", lambda *_: path)
    default = window.session.state.config.values("training")["nepochs"]
    window.session.state.set_value("training", "nepochs", 17)
    window.session.state.set_value("training", "max_minutes", 2.0)
    window.action("actionExportIni").trigger()
    assert "ptychodus has no place for training.max_minutes" in toast_texts(window)
    window.session.state.set_value("training", "nepochs", default)
    window.action("actionImportIni").trigger()
    assert window.session.state.config.values("training")["nepochs"] == 17
    assert window.session.state.config.values("training")["max_minutes"] == 2.0, "what the file does not say stays"
    window.action("actionUndo").trigger()
    assert window.session.state.config.values("training")["nepochs"] == default
