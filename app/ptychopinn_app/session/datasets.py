"""The open scans (training and test data), with their units, fixes and patterns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.checks.compatibility import pattern_size
from ptychopinn_app.jobs import scan_tasks
from ptychopinn_app.jobs.job import call
from ptychopinn_app.records import Scan
from ptychopinn_app.services.settings import Settings
from ptychopinn_app.session.messages import Messages, Newest
from ptychopinn_app.session.probe_in_use import drop_other_probe
from ptychopinn_app.session.state import SessionState


class Datasets(QObject):
    """Reads scans. An unusable scan is reported and leaves the state unchanged.

    Signals
    -------
    patternRead : index and amplitude (N, N) float32 of one pattern
    """

    patternRead = pyqtSignal(int, np.ndarray)

    def __init__(self, state: SessionState, messages: Messages, app_settings: Settings) -> None:
        super().__init__(state)
        self._state, self._messages, self._app_settings = state, messages, app_settings
        self._patterns = Newest(self._read_pattern)

    def open(self, path: Path, role: str = "train", units: str = "auto", fixes: tuple[str, ...] = ()) -> None:
        """Open a scan as 'train' or 'test' data, with the given units and fixes."""
        self._messages.reading.emit(path.name)
        self._messages.request(
            call(scan_tasks.open_scan, path, units, fixes),
            lambda scan: self._scan_read(scan, role),
            lambda failure: self._scan_refused(failure.summary),
        )

    def close_test(self) -> None:
        """Close the test scan."""
        self._state.set_test_scan(None)

    def set_units(self, units: str) -> None:
        """Reread the training scan with different units: 'auto', 'amplitude' or 'intensity'."""
        if (scan := self._state.scan) is not None and units != scan.units:
            self.open(scan.path, "train", units, scan.fixes)

    def apply_fix(self, code: str) -> None:
        """Apply a fix to the training scan; the file is not changed."""
        if (scan := self._state.scan) is not None and code not in scan.fixes:
            self.open(scan.path, "train", scan.units, (*scan.fixes, code))

    def undo_fixes(self) -> None:
        """Reread the training scan without fixes."""
        if (scan := self._state.scan) is not None and scan.fixes:
            self.open(scan.path, "train", scan.units)

    def request_pattern(self, index: int) -> None:
        """Read one pattern of the training scan; while a pattern is being read, only the newest request is kept."""
        self._patterns.request(index)

    def _scan_refused(self, reason: str) -> None:
        self._messages.reading.emit("")
        self._messages.refuse(reason)

    def _scan_read(self, scan: Scan, role: str) -> None:
        if not scan.usable and not scan.fixable:
            worst = scan.summary.findings[0]
            self._scan_refused(f"{worst.sentence} {worst.mend}".strip())
            return
        self._messages.reading.emit("")
        self._app_settings.add_recent("data", scan.path)
        self._messages.log.note("info", f"Opened {scan.path} as {'test' if role == 'test' else 'training'} data")
        if role == "test":
            self._state.set_test_scan(scan)
            return
        config, before, size = self._state.config, self._state.scan, pattern_size(scan)
        if before is None or before.path != scan.path:
            drop_other_probe(config, scan)
        if size is not None:
            config.set("model", "N", size)
        self._state.set_scan(scan)

    def _read_pattern(self, index: int) -> bool:
        scan = self._state.scan
        if scan is None:
            return False
        self._messages.request(
            call(scan_tasks.pattern, scan.path, scan.units, scan.fixes, index),
            lambda pattern: self.patternRead.emit(*pattern),
            lambda failure: self._messages.refuse(failure.summary),
            self._patterns.end,
            when=lambda: scan is self._state.scan,
        )
        return True
