"""The machine: which devices there are, how much memory is free, how much the running job takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ptychopinn_app.jobs.spec import JobFailure
from ptychopinn_app.services.devices import Device
from ptychopinn_app.services.memory import MemoryReading

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session

MEMORY_TASK = "ptychopinn_app.jobs.machine_tasks:memory"
PERIOD_MS = 2000
GPU_ACCELERATORS = ("auto", "gpu", "cuda")


class Machine(QObject):
    """Looks in the helper process: every two seconds while a job runs, and once when something may have changed."""

    jobMemoryRead = pyqtSignal(object)
    freeChanged = pyqtSignal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._asked = False
        self.devices: tuple[Device, ...] = ()
        self.reading = MemoryReading()
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self.look)
        session.devicesChanged.connect(self._take_devices)
        session.jobStarted.connect(lambda _: self._timer.start())
        session.jobEnded.connect(lambda _: self._job_ended())

    def refresh(self) -> None:
        """Look for devices and free memory."""
        self._session.ask("find_devices", self._session.devicesChanged.emit, "Devices")
        self.look()

    def look(self) -> None:
        """Read the memory once; nothing happens while an answer is awaited."""
        if self._asked:
            return
        self._asked = True
        arguments = {"pid": self._job_process(), "with_gpus": any(device.index for device in self.devices)}
        self._session.helper.request(MEMORY_TASK, arguments, self._take, self._failed)

    def gpu(self) -> Device | None:
        """Give the GPU that the device menu stands for, None for the processor."""
        config = self._session.config
        if config.values("execution").get("accelerator") not in GPU_ACCELERATORS:
            return None
        gpus = [device for device in self.devices if device.index]
        return next((device for device in gpus if device.index == config.device_index), gpus[0] if gpus else None)

    def name(self) -> str:
        """Name the device that the device menu stands for."""
        gpu = self.gpu()
        return gpu.label if gpu is not None else "CPU"

    def free_bytes(self) -> int | None:
        """Give the free memory of the chosen device."""
        gpu = self.gpu()
        return self.reading.free if gpu is None else gpu.free

    def _job_process(self) -> int | None:
        runner = self._session.runner
        if runner.info is None:
            return None
        # A job that runs in this process is measured with it.
        return os.getpid() if self._session.helper.mode == "thread" else runner.pid

    def _take_devices(self, devices: tuple[Device, ...]) -> None:
        self.devices = devices
        self.freeChanged.emit()

    def _take(self, reading: MemoryReading) -> None:
        self._asked = False
        self.reading = reading
        if self._session.runner.info is None:
            # What a running job takes is not free, but will be when the next one starts.
            self.freeChanged.emit()
        else:
            self.jobMemoryRead.emit(reading)

    def _failed(self, failure: JobFailure) -> None:
        # The job goes on without the figure; the log keeps the reason.
        self._asked = False
        self._timer.stop()
        self._session.log.note("info", f"Memory cannot be read: {failure.summary}")

    def _job_ended(self) -> None:
        self._timer.stop()
        self.jobMemoryRead.emit(None)
        self.refresh()
