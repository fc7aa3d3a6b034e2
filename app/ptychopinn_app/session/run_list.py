"""List the runs on disk, and reopen or delete them."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.jobs import run_tasks
from ptychopinn_app.jobs.job import call
from ptychopinn_app.records import RunEntry
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.previews import Previews
from ptychopinn_app.session.state import SessionState


class RunList(QObject):
    """Maintains the list of runs; emits `changed` with the entries, each a `RunEntry`."""

    changed = pyqtSignal(tuple)

    def __init__(
        self, state: SessionState, messages: Messages, app_settings: Settings, files: Files, previews: Previews
    ) -> None:
        super().__init__(state)
        self._state, self._messages, self._app_settings = state, messages, app_settings
        self._files, self._previews = files, previews
        self.entries: tuple[RunEntry, ...] = ()

    def set_folder(self, folder: Path) -> None:
        """Switch to another runs folder and list its runs."""
        self._app_settings.put("folder/runs", str(folder))
        self.refresh()

    def refresh(self) -> None:
        """Reload the list of runs."""
        self._messages.ask("Runs", call(runs.list_runs, self._app_settings.runs_folder()), self._listed)

    def delete(self, run_dir: Path) -> None:
        """Delete the folder of a run, then reload the list."""
        self._messages.ask("Cancel", call(run_tasks.delete_run, run_dir), lambda _: self.refresh())

    def open(self, path: Path) -> None:
        """Open a run from the list: its previews, its model and losses, and its object or quality report."""
        entry = next((run for run in self.entries if run.path == path), None)
        if entry is None or not path.is_dir():
            self._messages.warn(f"The run {path.name} no longer exists.")
            self.refresh()
            return
        self.show(path, entry.model_path, show_last=not entry.has_object)
        if entry.has_object:
            self._files.open_result(path)
        elif (path / runs.REPORT_PAGE).is_file():
            self._state.reportChanged.emit(path / runs.REPORT_PAGE)

    def show(self, path: Path, model_path: Path | None, show_last: bool = True) -> None:
        """Show the previews of a run; if the run has a model, also open the model and show the losses."""
        self._previews.open(path, show_last)
        if model_path is not None:
            self._files.open_model(model_path, saved=False)
            self._files.open_history(path)

    def _listed(self, entries: tuple[RunEntry, ...]) -> None:
        self.entries = entries
        self.changed.emit(entries)
