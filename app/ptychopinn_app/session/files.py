"""The user's files: open scans and models, save the model, export the object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ptychopinn_app.jobs import export_tasks, run_tasks
from ptychopinn_app.jobs.job import call
from ptychopinn_app.records import Model
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.job_requests import Batch
from ptychopinn_app.session.messages import Messages, nothing
from ptychopinn_app.session.opened_paths import open_request
from ptychopinn_app.session.state import SessionState


class Files:
    """Opens and saves files. Every action returns immediately; results arrive as signals of the state."""

    def __init__(
        self, state: SessionState, messages: Messages, app_settings: Settings, datasets: Datasets, batch: Batch
    ) -> None:
        self._state, self._messages, self._app_settings = state, messages, app_settings
        self._datasets, self._batch = datasets, batch

    def open_paths(self, paths: list[Path]) -> None:
        """Open files that were dropped or named on the command line; report those that cannot be opened."""
        request = open_request(paths)
        for sentence in request.refused:
            self._messages.warn(sentence)
        for role, path in request.scans:
            self._datasets.open(path, role)
        if request.model is not None:
            self.open_model(request.model, then=lambda: self._batch.add(request.batch))
        else:
            self._batch.add(request.batch)

    def open_model(self, path: Path, *, saved: bool = True, then: Callable[[], None] = nothing) -> None:
        """Open a model archive (``wts.h5.zip``); `saved` is False for a model that exists only in its run folder."""
        self._messages.ask("Open model", call(run_tasks.open_model, path, saved), self._model_read, then)

    def open_result(self, run_dir: Path, then: Callable[[], None] = nothing) -> None:
        """Show the object of a run, then call `then`."""
        self._messages.ask("Open result", call(run_tasks.load_object, run_dir), self._state.set_result, then)

    def open_history(self, run_dir: Path) -> None:
        """Show the losses of a run."""
        self._messages.ask("Losses", call(run_tasks.load_history, run_dir), self._state.set_history)

    def save_model(self, path: Path) -> None:
        """Save the open model as an archive."""
        model = self._state.model
        if model is None:
            self._messages.warn("No model to save. Train or open a model first.")
        elif path.resolve() == model.path.resolve():
            self._messages.info(f"The model is already saved as {path.name}.")
        else:
            copy = call(export_tasks.copy_file, model.path, path)
            self._messages.write("Save model", copy, lambda target: self._model_saved(model, target))

    def export(self, path: Path) -> None:
        """Export the object; the suffix of `path` determines the format, see `export_tasks.export`."""
        if self._state.result is None:
            self._messages.warn("No object to export. Reconstruct a scan first.")
            return
        task = call(export_tasks.export, self._state.result.run_dir, path)
        self._messages.write("Export", task, self._exported)

    def save_log(self, path: Path) -> None:
        """Save the log as text."""
        task = call(export_tasks.write_text, path, "\n".join(line.text for line in self._messages.log.lines))
        self._messages.write("Save log", task, lambda _: self._messages.success(f"Log saved as {path.name}."))

    def _exported(self, paths: tuple[Path, ...]) -> None:
        self._messages.success(f"Exported {runs.listed([path.name for path in paths])}.")

    def _model_read(self, model: Model) -> None:
        if model.saved:
            self._app_settings.add_recent("model", model.path)
        self._messages.log.note("info", f"Opened model {model.path}")
        self._state.set_model(model)

    def _model_saved(self, model: Model, target: Path) -> None:
        self._app_settings.add_recent("model", target)
        self._messages.success(f"Model saved as {target.name}.")
        if self._state.model == model:
            self.open_model(target)
