"""The machine: its devices, memory and usable backends."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.jobs import run_tasks
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.job import call
from ptychopinn_app.records import Model
from ptychopinn_app.services import devices, memory
from ptychopinn_app.services.devices import Device
from ptychopinn_app.services.memory import MemoryReading
from ptychopinn_app.services.timers import repeated
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.runner import JobRunner
from ptychopinn_app.session.state import SessionState

PERIOD_MS = 2000
GPU_ACCELERATORS = ("auto", "gpu", "cuda")


class Machine(QObject):
    """Finds the devices and reads the memory usage; while a job runs, the usage is read every two seconds.

    Signals
    -------
    devicesChanged : the available devices, each a `Device`
    jobMemoryRead : a `MemoryReading`, or None once the job has ended
    """

    devicesChanged = pyqtSignal(tuple)
    jobMemoryRead = pyqtSignal(object)
    freeChanged = pyqtSignal()

    def __init__(self, state: SessionState, messages: Messages, runner: JobRunner) -> None:
        super().__init__(state)
        self._state, self._messages, self._runner = state, messages, runner
        self._looking = False
        self.devices: tuple[Device, ...] = ()
        self.reading = MemoryReading()
        self._timer = repeated(self, self.look, PERIOD_MS)
        state.jobStarted.connect(lambda _: self._timer.start())
        state.jobEnded.connect(lambda _: self._job_ended())

    def refresh(self) -> None:
        """Update the list of devices and the memory reading."""
        self._messages.ask("Devices", call(devices.find_devices), self.set_devices)
        self.look()

    def look(self) -> None:
        """Read the memory usage once; do nothing if a reading is already in progress."""
        if self._looking:
            return
        self._looking = True
        with_gpus = any(device.index for device in self.devices)
        task = call(memory.read_memory, self._runner.measured_pid, with_gpus)
        self._messages.request(task, self._memory_read, self._failed)

    def gpu(self) -> Device | None:
        """Return the GPU that jobs will use; None if they run on the CPU."""
        config = self._state.config
        if config.values("execution").get("accelerator") not in GPU_ACCELERATORS:
            return None
        gpus = [device for device in self.devices if device.index]
        return next((device for device in gpus if device.index == config.device_index), gpus[0] if gpus else None)

    def name(self) -> str:
        """Return the name of the chosen device."""
        gpu = self.gpu()
        return gpu.label if gpu is not None else "CPU"

    def free_bytes(self) -> int | None:
        """Return the free memory of the chosen device in bytes; None if unknown."""
        gpu = self.gpu()
        return self.reading.free if gpu is None else gpu.free

    def set_devices(self, devices: tuple[Device, ...]) -> None:
        """Store the available devices."""
        self.devices = devices
        self.freeChanged.emit()
        self.devicesChanged.emit(devices)

    def _memory_read(self, reading: MemoryReading) -> None:
        self._looking = False
        self.reading = reading
        if self._state.job is None:
            # The memory of a running job is not free yet, but will be when the next job starts.
            self.freeChanged.emit()
        else:
            self.jobMemoryRead.emit(reading)

    def _failed(self, failure: JobFailure) -> None:
        # The job continues without the figure; the log keeps the reason.
        self._looking = False
        self._timer.stop()
        self._messages.log.note("info", f"Could not read the memory usage: {failure.summary}")

    def _job_ended(self) -> None:
        self._timer.stop()
        self.jobMemoryRead.emit(None)
        self.refresh()


class BackendCheck:
    """Checks whether the chosen backend and the open model's backend can be used; preloads the chosen backend."""

    def __init__(self, state: SessionState, messages: Messages, runner: JobRunner) -> None:
        self._state, self._messages, self._runner = state, messages, runner
        state.configChanged.connect(self._settings_changed)
        state.modelChanged.connect(self._model_opened)

    def look(self) -> None:
        """Check whether the chosen backend can be used."""
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
