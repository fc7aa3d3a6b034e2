"""Every dialog that blocks: file choosers and questions. Nothing else in the application may block."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from PyQt6.QtWidgets import QFileDialog, QMessageBox, QWidget

from ptychopinn_app.runs import folder as runs

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
RECORD_FILTER = "Job settings, records of runs (*.json *.yaml)"
INI_FILTER = "ptychodus settings (*.ini)"

CloseChoice = Literal["stop", "cancel", "stay"]
UnsavedChoice = Literal["save", "close", "stay"]
_Choice = TypeVar("_Choice", bound=str)


def choose_scan(parent: QWidget, folder: str, title: str) -> Path | None:
    """Ask for an NPZ scan."""
    return _open(parent, title, folder, SCAN_FILTER)


def choose_model(parent: QWidget, folder: str) -> Path | None:
    """Ask for a model archive."""
    return _open(parent, "Open model", folder, MODEL_FILTER)


def choose_settings(parent: QWidget, folder: str) -> Path | None:
    """Ask for a file of job settings, or the record of a run."""
    return _open(parent, "Load job settings", folder, RECORD_FILTER)


def save_settings(parent: QWidget, start: str) -> Path | None:
    """Ask where to save the job settings."""
    typed = _save(parent, "Save job settings", start, SETTINGS_FILTER)
    if typed is None or typed.suffix:
        return typed
    path = typed.with_suffix(".json")
    return path if _may_replace(parent, [path]) else None


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
    typed = _save(parent, "Save model", start, MODEL_FILTER)
    if typed is None or typed.name.endswith(".h5.zip"):
        return typed
    path = typed.with_name(typed.name.removesuffix(".zip").removesuffix(".h5") + ".h5.zip")
    return path if _may_replace(parent, [path]) else None


def save_product(parent: QWidget, start: str) -> Path | None:
    """Ask where and in which format to export the object."""
    chosen, kind = QFileDialog.getSaveFileName(parent, "Export product", start, ";;".join(PRODUCT_FILTERS))
    if not chosen:
        return None
    typed = Path(chosen)
    path = typed if typed.suffix else typed.with_suffix("." + kind.rpartition("*.")[2].rstrip(")"))
    return path if _may_replace(parent, [each for each in runs.export_paths(path) if each != typed]) else None


def save_log(parent: QWidget, start: str) -> Path | None:
    """Ask where to save the log."""
    return _save(parent, "Save log", start, LOG_FILTER)


def ask_close(parent: QWidget, waiting: int = 0, kind: str = "train") -> CloseChoice:
    """Ask what to do with the running job before the window closes; those that wait are forgotten.

    Parameters
    ----------
    waiting : number of jobs in the queue
    kind : of the running job, empty while none runs; only a training has something to keep before its end
    """
    if not kind:
        one = waiting == 1
        them = "it" if one else "them"
        words = f"{_waiting(waiting)} in the queue. Forget {them}, or stay?"
        title = "A job is waiting" if one else "Jobs are waiting"
        return _ask(parent, title, words, {"cancel": f"Forget {them}", "stay": "Stay"})
    choices: dict[CloseChoice, str] = {"cancel": "Cancel job", "stay": "Stay"}
    words = "Cancel it and keep nothing, or stay?"
    if kind == "train":
        choices = {"stop": "Stop and keep", **choices}
        words = "Stop it and keep what it has, cancel it and keep nothing, or stay?"
    fate = "It is forgotten" if waiting == 1 else "They are forgotten"
    more = f" {_waiting(waiting)} in the queue. {fate} unless you stay." if waiting else ""
    return _ask(parent, "A job is running", words + more, choices)


def _waiting(count: int) -> str:
    return "One job waits" if count == 1 else f"{count} jobs wait"


def ask_unsaved(parent: QWidget, title: str) -> UnsavedChoice:
    """Ask whether a model that lies only in its run folder is to be saved elsewhere before the window closes."""
    words = f"The model of {title} was not saved. It stays in the list of runs. Save it elsewhere too?"
    return _ask(parent, "The model was not saved", words, {"save": "Save…", "close": "Close", "stay": "Stay"})


def ask_reset(parent: QWidget) -> bool:
    """Ask before all settings go back to their defaults."""
    answer = QMessageBox.question(
        parent,
        "Reset everything",
        "Put window layout, theme, recent files and all settings back to their defaults?",
    )
    return answer == QMessageBox.StandardButton.Yes


def _ask(parent: QWidget, title: str, words: str, choices: Mapping[_Choice, str]) -> _Choice:
    """Ask with a button for each choice, code -> text; the last one changes nothing and is that of the escape key."""
    box = QMessageBox(QMessageBox.Icon.Question, title, f"{title}.", parent=parent)
    box.setInformativeText(words)
    *others, last = choices
    buttons = [(box.addButton(choices[code], QMessageBox.ButtonRole.ActionRole), code) for code in others]
    stay = box.addButton(choices[last], QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    pressed = box.clickedButton()
    box.deleteLater()
    return next((code for button, code in buttons if button is pressed), last)


def _may_replace(parent: QWidget, paths: list[Path]) -> bool:
    """Ask about files whose names were made from the one that was typed, which the file dialog has not asked about."""
    there = [path.name for path in paths if path.exists()]
    if not there:
        return True
    words = f"{' and '.join(there)} {'exist' if len(there) > 1 else 'exists'} already. Replace?"
    return QMessageBox.question(parent, "Replace files", words) == QMessageBox.StandardButton.Yes


def _open(parent: QWidget, title: str, start: str, pattern: str) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(parent, title, start, pattern)
    return Path(chosen) if chosen else None


def _save(parent: QWidget, title: str, start: str, pattern: str, keeps: bool = False) -> Path | None:
    """Ask where to save; a file that keeps what else it holds needs no question before it is written."""
    options = QFileDialog.Option.DontConfirmOverwrite if keeps else QFileDialog.Option(0)
    chosen, _ = QFileDialog.getSaveFileName(parent, title, start, pattern, options=options)
    return Path(chosen) if chosen else None
