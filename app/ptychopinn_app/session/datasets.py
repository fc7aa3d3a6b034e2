"""The open scans: training data and test slot, their units and repairs, and single patterns of them."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.jobs.helper import Helper
from ptychopinn_app.jobs.spec import JobFailure
from ptychopinn_app.records import Scan

TASKS = "ptychopinn_app.jobs.light_tasks"


class Datasets(QObject):
    """Reads scans in the helper. A scan that cannot be used changes nothing and is told by `refused`."""

    trainChanged = pyqtSignal(object)
    testChanged = pyqtSignal(object)
    patternRead = pyqtSignal(int, object)
    reading = pyqtSignal(str)
    refused = pyqtSignal(str)

    def __init__(self, helper: Helper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._helper = helper
        self.train: Scan | None = None
        self.test: Scan | None = None
        self._wanted: int | None = None
        self._asked = False

    def open(self, path: Path, role: str, units: str = "auto", fixes: tuple[str, ...] = ()) -> None:
        """Open a scan as 'train' or 'test' data, with units and repairs as they were chosen before."""
        self._read(path, role, units, fixes)

    def close_test(self) -> None:
        """Empty the test slot."""
        self.test = None
        self.testChanged.emit(None)

    def set_units(self, units: str) -> None:
        """Read the training scan again with other units: 'auto', 'amplitude' or 'intensity'."""
        if self.train is not None and units != self.train.units:
            self._read(self.train.path, "train", units, self.train.fixes)

    def apply_fix(self, code: str) -> None:
        """Repair the training scan from now on; the file stays as it is."""
        if self.train is not None and code not in self.train.fixes:
            self._read(self.train.path, "train", self.train.units, (*self.train.fixes, code))

    def undo_fixes(self) -> None:
        """Take the training scan as the file has it."""
        if self.train is not None and self.train.fixes:
            self._read(self.train.path, "train", self.train.units, ())

    def request_pattern(self, index: int) -> None:
        """Read one pattern of the training scan; while one is being read only the newest request is kept."""
        self._wanted = index
        self._next_pattern()

    def _read(self, path: Path, role: str, units: str, fixes: tuple[str, ...]) -> None:
        self.reading.emit(path.name)

        def done(scan: Scan) -> None:
            self.reading.emit("")
            self._take(scan, role)

        def failed(failure: JobFailure) -> None:
            self.reading.emit("")
            self.refused.emit(failure.summary)

        # Whether there are enough patterns for a group is a question of the settings, see `fit`.
        arguments = {"path": path, "units": units, "gridsize": 1, "fixes": fixes}
        self._helper.request(f"{TASKS}:open_scan", arguments, done, failed)

    def _take(self, scan: Scan, role: str) -> None:
        if not scan.usable and not scan.fixable:
            worst = scan.summary.findings[0]
            self.refused.emit(f"{worst.sentence} {worst.mend}".strip())
        elif role == "test":
            self.test = scan
            self.testChanged.emit(scan)
        else:
            self.train = scan
            self.trainChanged.emit(scan)

    def _next_pattern(self) -> None:
        if self._asked or self._wanted is None or self.train is None:
            return
        index, self._wanted = self._wanted, None
        self._asked = True
        scan = self.train

        def done(reply: tuple[int, object]) -> None:
            self._asked = False
            if scan is self.train:
                self.patternRead.emit(*reply)
            self._next_pattern()

        def failed(failure: JobFailure) -> None:
            self._asked = False
            self.refused.emit(failure.summary)

        arguments = {"path": scan.path, "units": scan.units, "fixes": scan.fixes, "index": index}
        self._helper.request(f"{TASKS}:pattern", arguments, done, failed)
