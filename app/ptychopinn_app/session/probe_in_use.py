"""The probe that the next training uses: that of the scan's file, or one that was calibrated or chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn_app.checks.compatibility import pattern_size
from ptychopinn_app.jobs.spec import JobFailure

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session

TASK = "ptychopinn_app.jobs.light_tasks:read_probe"


class ProbeInUse(QObject):
    """Follows the scan and the setting; `changed` tells that `modes` (mode, N, N) or `words` are others."""

    changed = pyqtSignal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.modes: NDArray[np.complexfloating] | None = None
        self.words = ""
        self._path: Path | None = None
        session.datasetChanged.connect(lambda _: self._look())
        session.configChanged.connect(self._settings_changed)

    def _settings_changed(self, section: str) -> None:
        if section == "training" and self._chosen() != self._path:
            self._look()

    def _chosen(self) -> Path | None:
        path = self._session.config.values("training").get("probe_file")
        return path if isinstance(path, Path) else None

    def _look(self) -> None:
        scan, path = self._session.dataset, self._chosen()
        self._path = path
        self._set(scan.preview.probe if scan is not None and scan.preview is not None else None, "")
        # A path that is still being typed names no file; a training that would use it says so.
        if scan is None or path is None or not path.is_file():
            return

        def done(modes: NDArray[np.complexfloating]) -> None:
            if scan is self._session.dataset and path == self._path:
                self._set(modes, f"In use: {path.name} of {path.parent.name}, not that of the scan")

        def failed(failure: JobFailure) -> None:
            # The training that would use it says so in a dialog.
            self._session.log.note("warning", f"Probe {path.name}: {failure.summary}")

        self._session.helper.request(TASK, {"path": path, "size": pattern_size(scan)}, done, failed)

    def _set(self, modes: NDArray[np.complexfloating] | None, words: str) -> None:
        self.modes, self.words = modes, words
        self.changed.emit()
