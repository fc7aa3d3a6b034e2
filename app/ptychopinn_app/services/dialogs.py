"""Every dialog that blocks: file choosers and questions. Nothing else in the application may block."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PyQt6.QtWidgets import QFileDialog, QMessageBox, QWidget

SCAN_FILTER = "Scans (*.npz *.h5 *.hdf5 *.cxi);;All files (*)"
MODEL_FILTER = "PtychoPINN model (wts.h5.zip *.h5.zip)"
PRODUCT_FILTERS = (
    "ptychodus product (*.h5)",
    "NumPy archive (*.npz)",
    "TIFF images, float (*.tiff)",
    "PNG images, and a figure with scale and colour bars (*.png)",
    "Figure with scale and colour bars (*.pdf)",
    "Losses (*.csv)",
)
LOG_FILTER = "Text (*.txt *.log)"
SETTINGS_FILTER = "Job settings (*.json)"
INI_FILTER = "ptychodus settings (*.ini)"

CloseChoice = Literal["stop", "cancel", "stay"]


def choose_scan(parent: QWidget, folder: str, title: str) -> Path | None:
    """Ask for an NPZ scan."""
    return _open(parent, title, folder, SCAN_FILTER)


def choose_model(parent: QWidget, folder: str) -> Path | None:
    """Ask for a model archive."""
    return _open(parent, "Open model", folder, MODEL_FILTER)


def choose_settings(parent: QWidget, folder: str) -> Path | None:
    """Ask for a file of job settings."""
    return _open(parent, "Load job settings", folder, SETTINGS_FILTER)


def save_settings(parent: QWidget, start: str) -> Path | None:
    """Ask where to save the job settings."""
    path = _save(parent, "Save job settings", start, SETTINGS_FILTER)
    return path.with_suffix(".json") if path is not None and not path.suffix else path


def choose_ini(parent: QWidget, folder: str) -> Path | None:
    """Ask for a settings file of ptychodus."""
    return _open(parent, "Import settings from ptychodus", folder, INI_FILTER)


def save_ini(parent: QWidget, start: str) -> Path | None:
    """Ask where to write settings for ptychodus; a file that exists keeps what else it holds."""
    path = _save(parent, "Export settings to ptychodus", start, INI_FILTER, keeps=True)
    return path.with_suffix(".ini") if path is not None and not path.suffix else path


def choose_file(parent: QWidget, start: str, pattern: str) -> Path | None:
    """Ask for an existing file."""
    return _open(parent, "Choose file", start, pattern)


def choose_folder(parent: QWidget, start: str) -> Path | None:
    """Ask for a folder."""
    chosen = QFileDialog.getExistingDirectory(parent, "Choose folder", start)
    return Path(chosen) if chosen else None


def save_model(parent: QWidget, start: str) -> Path | None:
    """Ask where to save the model archive."""
    path = _save(parent, "Save model", start, MODEL_FILTER)
    if path is not None and not path.name.endswith(".h5.zip"):
        path = path.with_name(path.name.removesuffix(".zip").removesuffix(".h5") + ".h5.zip")
    return path


def save_product(parent: QWidget, start: str) -> Path | None:
    """Ask where and in which format to export the object."""
    chosen, kind = QFileDialog.getSaveFileName(parent, "Export product", start, ";;".join(PRODUCT_FILTERS))
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix("." + kind.rpartition("*.")[2].rstrip(")"))


def save_log(parent: QWidget, start: str) -> Path | None:
    """Ask where to save the log."""
    return _save(parent, "Save log", start, LOG_FILTER)


def ask_close(parent: QWidget, waiting: int = 0) -> CloseChoice:
    """Ask what to do with the running job before the window closes; those that wait are forgotten."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("A job is running")
    box.setText("A job is running.")
    more = f" The {waiting} that wait in the queue are forgotten unless you stay." if waiting else ""
    box.setInformativeText(f"Stop it and keep what it has, cancel it and keep nothing, or stay?{more}")
    stop = box.addButton("Stop and keep", QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton("Cancel job", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    if box.clickedButton() is stop:
        return "stop"
    return "cancel" if box.clickedButton() is cancel else "stay"


def ask_reset(parent: QWidget) -> bool:
    """Ask before all settings go back to their defaults."""
    answer = QMessageBox.question(
        parent,
        "Reset everything",
        "Put window layout, theme, recent files and all settings back to their defaults?",
    )
    return answer == QMessageBox.StandardButton.Yes


def _open(parent: QWidget, title: str, start: str, pattern: str) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(parent, title, start, pattern)
    return Path(chosen) if chosen else None


def _save(parent: QWidget, title: str, start: str, pattern: str, keeps: bool = False) -> Path | None:
    """Ask where to save; a file that keeps what else it holds needs no question before it is written."""
    options = QFileDialog.Option.DontConfirmOverwrite if keeps else QFileDialog.Option(0)
    chosen, _ = QFileDialog.getSaveFileName(parent, title, start, pattern, options=options)
    return Path(chosen) if chosen else None
