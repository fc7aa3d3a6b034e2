"""Data about the patterns of the open scan: their roles in a training run, R, modelled patterns and bad pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.jobs import pattern_tasks
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.job import Call, R, call
from ptychopinn_app.services.timers import delayed
from ptychopinn_app.session.messages import Messages, Newest
from ptychopinn_app.session.state import SessionState


class Patterns(QObject):
    """Collects pattern data in short tasks; data of a scan or result that is no longer shown are discarded.

    Signals
    -------
    rolesRead : role of each pattern, (P,) int8, see `pattern_tasks.roles`
    rRead : R of each pattern, (P,) float64; None if the displayed result has no quality report
    fitChanged : whether the displayed result was computed from the open scan
    modelRead : index and amplitude (N, N) float32 of one modelled pattern
    badPixelsRead : class of each pixel, (N, N) int8, see `pattern_tasks.bad_pixels`
    """

    rolesRead = pyqtSignal(np.ndarray)
    rRead = pyqtSignal(object)
    fitChanged = pyqtSignal(bool)
    modelRead = pyqtSignal(int, np.ndarray)
    badPixelsRead = pyqtSignal(np.ndarray)

    def __init__(self, state: SessionState, messages: Messages) -> None:
        super().__init__(state)
        self._state, self._messages = state, messages
        self.fits = False
        self._follows_roles = False
        self._models = Newest(self._read_model)
        self._timer = delayed(self, self._request_roles)
        state.scanChanged.connect(self._compare)
        state.resultChanged.connect(self._compare)
        state.reportChanged.connect(self._read_r)
        state.configChanged.connect(self._settings_changed)
        state.testScanChanged.connect(lambda _: self._settings_changed("training"))

    def follow_roles(self, on: bool) -> None:
        """Choose whether the roles of the patterns are recomputed whenever the settings change."""
        self._follows_roles = on
        if on:
            self._request_roles()

    def _request_roles(self) -> None:
        config, scan = self._state.config, self._state.scan
        if scan is None or scan.preview is None or config.problems("training"):
            return
        values: Mapping[str, Any] = config.values("training")
        seed, drawn = values["seed"], values["subsample_seed"]
        task = call(
            pattern_tasks.roles,
            count=len(scan.preview.positions_px),
            members=config.gridsize**2,
            n_subsample=values["n_subsample"],
            subsample_seed=seed if drawn is None else drawn,
            validation_fraction=0.0 if self._state.test_scan is not None else values["validation_fraction"],
            seed=seed,
        )
        self._ask(task, self.rolesRead.emit, lambda: scan is self._state.scan)

    def request_bad_pixels(self) -> None:
        """Request the pixels that the checks classify as masked, hot or dead."""
        if (scan := self._state.scan) is not None:
            task = call(pattern_tasks.bad_pixels, scan.path, scan.units, scan.fixes)
            self._ask(task, self.badPixelsRead.emit, lambda: scan is self._state.scan)

    def request_model(self, index: int) -> None:
        """Request a modelled pattern; while one is being computed, only the newest request is kept."""
        self._models.request(index)

    def _compare(self) -> None:
        """Check whether the displayed result belongs to the open scan."""
        self._set_fit(False)
        scan, result = self._state.scan, self._state.result
        if scan is None or result is None:
            return

        def done(fits: bool) -> None:
            self._set_fit(fits)
            self._read_r()

        task = call(pattern_tasks.belongs, result.run_dir, scan.path, scan.units, scan.fixes)
        self._ask(task, done, self._unchanged())

    def _set_fit(self, fits: bool) -> None:
        self.fits = fits
        self.fitChanged.emit(fits)
        if not fits:
            self.rRead.emit(None)

    def _read_r(self) -> None:
        scan, result = self._state.scan, self._state.result
        if not self.fits or scan is None or result is None:
            return
        task = call(pattern_tasks.r_per_position, result.run_dir.parent, result.run_dir)
        self._ask(task, self.rRead.emit, self._unchanged())

    def _read_model(self, index: int) -> bool:
        scan, result = self._state.scan, self._state.result
        if scan is None or result is None or not self.fits:
            return False
        self._messages.request(
            call(pattern_tasks.model_pattern, result.run_dir, index),
            lambda pattern: self.modelRead.emit(*pattern),
            lambda _: self._set_fit(False),
            self._models.end,
            self._unchanged(),
        )
        return True

    def _unchanged(self) -> Callable[[], bool]:
        """Return a function that checks whether the scan and the result are unchanged since this call."""
        scan, result = self._state.scan, self._state.result
        return lambda: scan is self._state.scan and result is self._state.result

    def _ask(self, task: Call[R], done: Callable[[R], None], when: Callable[[], bool]) -> None:
        def failed(failure: JobFailure) -> None:
            # A scan or a result that cannot be read was reported when it was opened.
            self._messages.log.note("warning", f"{task.name.replace('_', ' ')}: {failure.summary}")

        self._messages.request(task, done, failed, when=when)

    def _settings_changed(self, section: str) -> None:
        if self._follows_roles and section in ("training", "model"):
            self._timer.start()
