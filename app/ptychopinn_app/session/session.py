"""Build the parts of a window's session and connect them."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.short_tasks import ShortTasks
from ptychopinn_app.jobs.worker import Mode
from ptychopinn_app.services.logbook import LogBook
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.check_list import CheckList
from ptychopinn_app.session.comparison import Comparisons
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.edits import SettingsEdits
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.job_follower import JobFollower
from ptychopinn_app.session.job_requests import Batch, JobRequests, Watch
from ptychopinn_app.session.machine import BackendCheck, Machine
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.parameter_sweep import ParameterSweep
from ptychopinn_app.session.patterns import Patterns
from ptychopinn_app.session.previews import Previews
from ptychopinn_app.session.probe_in_use import ProbeInUse
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.recovery import Recovery
from ptychopinn_app.session.run_list import RunList
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState


class Session(QObject):
    """Holds all parts of a session. Their actions return immediately; results arrive as signals of the state."""

    def __init__(self, app_settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.app_settings = app_settings
        mode: Mode = "thread" if app_settings.text("jobs/mode") == "thread" else "process"
        config = JobSettings()
        config.restore(app_settings.table("config"))
        log = LogBook(self)
        self.short_tasks = ShortTasks(mode, self)
        self.state = state = SessionState(config, self)
        self.messages = messages = Messages(self.short_tasks, log, self)
        self.runner = runner = JobRunner(mode, app_settings.flag("jobs/prewarm", True), log.feed, self)
        self.edits = SettingsEdits(state)
        self.queue = queue = JobQueue(state, messages, runner, app_settings)
        self.jobs = JobRequests(state, messages, queue)
        self.batch = Batch(state, messages, queue)
        self.watch = Watch(messages, self.batch, queue)
        self.datasets = Datasets(state, messages, app_settings)
        self.files = Files(state, messages, app_settings, self.datasets, self.batch)
        self.previews = Previews(state, messages)
        self.run_list = RunList(state, messages, app_settings, self.files, self.previews)
        self.recovery = Recovery(state, messages, app_settings, self.datasets, self.files, self.run_list)
        self.probe_in_use = ProbeInUse(state, messages)
        # Connected before all other listeners, so that they find the run unlocked.
        runner.ended.connect(lambda _: self.recovery.release())
        self._follower = JobFollower(state, messages, runner, queue, self.files, self.run_list, self.probe_in_use)
        self.comparisons = Comparisons(state, messages, queue)
        self.parameter_sweep = ParameterSweep(state, messages, queue)
        self.machine = Machine(state, messages, runner)
        self.backend_check = BackendCheck(state, messages, runner)
        self.check_list = CheckList(state, self.machine, self.datasets, self.edits)
        self.patterns = Patterns(state, messages)

    def wake(self) -> None:
        """Do the work deferred until the window is shown: list runs, look for GPUs, load the backend."""
        self.machine.refresh()
        self.run_list.refresh()
        self.recovery.look()
        self.backend_check.look()
        self.short_tasks.get_ready()

    def close(self) -> None:
        """End all processes and threads, and save the settings."""
        self.app_settings.put_table("config", self.state.config.to_table())
        self.watch.stop()
        self.queue.close()
        self.recovery.close()
        self.runner.close()
        self.short_tasks.close()
