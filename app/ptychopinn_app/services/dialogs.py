"""All blocking dialogs: file choosers and questions. Nothing else in the application blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from PyQt6.QtWidgets import QFileDialog, QMessageBox, QWidget

from ptychopinn.wording import counted
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
RECORD_FILTER = "Job settings, or config.yaml of a run (*.json *.yaml)"
INI_FILTER = "ptychodus settings (*.ini)"

CloseChoice = Literal["stop", "cancel", "stay"]
UnsavedChoice = Literal["save", "close", "stay"]
_Choice = TypeVar("_Choice", bound=str)


def choose_scan(parent: QWidget, folder: str, title: str) -> Path | None:
    """Ask for a scan."""
    return _open(parent, title, folder, SCAN_FILTER)


def choose_model(parent: QWidget, folder: str) -> Path | None:
    """Ask for a model archive."""
    return _open(parent, "Open model", folder, MODEL_FILTER)


def choose_settings(parent: QWidget, folder: str) -> Path | None:
    """Ask for a job settings file or the config.yaml of a run."""
    return _open(parent, "Load job settings", folder, RECORD_FILTER)


def save_settings(parent: QWidget, start: str) -> Path | None:
    """Ask where to save the job settings."""
    typed = _save(parent, "Save job settings", start, SETTINGS_FILTER)
    return typed if typed is None or typed.suffix else _completed(parent, typed, typed.with_suffix(".json"))


def choose_ini(parent: QWidget, folder: str) -> Path | None:
    """Ask for a ptychodus settings file."""
    return _open(parent, "Import settings from ptychodus", folder, INI_FILTER)


def save_ini(parent: QWidget, start: str) -> Path | None:
    """Ask for a ptychodus settings file to export to; an existing file keeps its other entries."""
    path = _save(parent, "Export settings to ptychodus", start, INI_FILTER, confirm=False)
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
    name = typed.name.removesuffix(".zip").removesuffix(".h5") + ".h5.zip"
    return _completed(parent, typed, typed.with_name(name))


def save_product(parent: QWidget, start: str) -> Path | None:
    """Ask where and in which format to export the object."""
    chosen, kind = QFileDialog.getSaveFileName(parent, "Export product", start, ";;".join(PRODUCT_FILTERS))
    if not chosen:
        return None
    typed = Path(chosen)
    path = typed if typed.suffix else typed.with_suffix("." + kind.rpartition("*.")[2].rstrip(")"))
    return _completed(parent, typed, path, runs.export_paths(path))


def save_log(parent: QWidget, start: str) -> Path | None:
    """Ask where to save the log."""
    return _save(parent, "Save log", start, LOG_FILTER)


def ask_close(parent: QWidget, waiting: int = 0, kind: str = "train") -> CloseChoice:
    """Ask what to do with the running job before the window closes; closing discards queued jobs.

    Parameters
    ----------
    waiting : number of queued jobs
    kind : kind of the running job, empty if none is running; only a training run can save a partial result
    """
    lost = f"{counted(waiting, 'queued job')} will be lost if you close the window." if waiting else ""
    if not kind:
        return _ask(parent, "The queue is not empty", lost, {"cancel": "Close", "stay": "Stay"})
    choices: dict[CloseChoice, str] = {"cancel": "Cancel job", "stay": "Stay"}
    words = "Cancel the job and close, or stay?"
    if kind == "train":
        choices = {"stop": "Stop and keep", **choices}
        words = "Stop and keep the current model, cancel the job, or stay?"
    return _ask(parent, "A job is running", f"{words} {lost}".rstrip(), choices)


def ask_unsaved(parent: QWidget, title: str) -> UnsavedChoice:
    """Before the window closes, ask whether to save a model that exists only in its run folder."""
    words = f"The model of {title} remains available in the Runs tab. Save a copy elsewhere?"
    return _ask(parent, "No copy of the model was saved", words, {"save": "Save…", "close": "Close", "stay": "Stay"})


def ask_reset(parent: QWidget) -> bool:
    """Ask whether to reset the window layout, theme, recent files and all settings."""
    return _confirm(
        parent, "Reset everything", "Reset window layout, theme, recent files and all settings to their defaults?"
    )


def _ask(parent: QWidget, title: str, words: str, choices: Mapping[_Choice, str]) -> _Choice:
    """Ask a question with one button per choice (code -> text); return the chosen code, or the last code on Escape."""
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


def _confirm(parent: QWidget, title: str, question: str) -> bool:
    return QMessageBox.question(parent, title, question) == QMessageBox.StandardButton.Yes


def _completed(parent: QWidget, typed: Path, path: Path, written: Sequence[Path] = ()) -> Path | None:
    """Return `path`, or None if the user declines to replace existing files that were not chosen in the file dialog."""
    existing = [each.name for each in written or (path,) if each != typed and each.exists()]
    if not existing:
        return path
    verb = "exists" if len(existing) == 1 else "exist"
    question = f"{runs.listed(existing)} already {verb}. Replace?"
    return path if _confirm(parent, "Replace files", question) else None


def _open(parent: QWidget, title: str, start: str, pattern: str) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(parent, title, start, pattern)
    return Path(chosen) if chosen else None


def _save(parent: QWidget, title: str, start: str, pattern: str, confirm: bool = True) -> Path | None:
    options = QFileDialog.Option(0) if confirm else QFileDialog.Option.DontConfirmOverwrite
    chosen, _ = QFileDialog.getSaveFileName(parent, title, start, pattern, options=options)
    return Path(chosen) if chosen else None
