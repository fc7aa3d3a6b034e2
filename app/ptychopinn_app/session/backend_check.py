"""Whether the chosen backend and that of the open model can be used."""

from __future__ import annotations

from ptychopinn_app.jobs import run_tasks
from ptychopinn_app.jobs.call import call
from ptychopinn_app.records import Model
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState


class BackendCheck:
    """Checks both backends when they change; loads a usable chosen backend ahead of time."""

    def __init__(self, state: SessionState, messages: Messages, runner: JobRunner) -> None:
        self._state, self._messages, self._runner = state, messages, runner
        state.configChanged.connect(self._settings_changed)
        state.modelChanged.connect(self._model_opened)

    def look(self) -> None:
        """Check the chosen backend."""
        backend = self._state.config.backend
        task = call(run_tasks.backend_problem, backend)
        self._messages.ask("Backend", task, self._checked, when=lambda: backend == self._state.config.backend)

    def _settings_changed(self, section: str) -> None:
        if section == "backend":
            self.look()

    def _checked(self, problem: str) -> None:
        self._state.backend_problem = problem
        if problem:
            self._messages.warn(problem)
        else:
            self._runner.prepare(self._state.config.backend)
        self._state.backendChecked.emit(problem)

    def _model_opened(self, model: Model) -> None:
        self._state.model_backend_problem = ""
        task = call(run_tasks.backend_problem, model.backend)
        self._messages.ask("Model", task, self._model_checked, when=lambda: self._state.model is model)

    def _model_checked(self, problem: str) -> None:
        self._state.model_backend_problem = problem
        self._state.modelChecked.emit(problem)
