"""The probe for the next training run: from the scan file, calibrated, or chosen by the user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from ptychopinn.results import Calibration
from ptychopinn_app.checks.compatibility import pattern_size
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs import scan_tasks
from ptychopinn_app.jobs.job import call
from ptychopinn_app.records import Scan
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.state import SessionState

SECTIONS = ("training", "inference")


class ProbeInUse(QObject):
    """Provides the probe in use as `modes` (mode, N, N), with the caption `words`; emits `changed` when they change."""

    changed = pyqtSignal()

    def __init__(self, state: SessionState, messages: Messages) -> None:
        super().__init__(state)
        self._state, self._messages = state, messages
        self.modes: NDArray[np.complexfloating] | None = None
        self.words = ""
        self._path: Path | None = None
        state.scanChanged.connect(self._look)
        state.configChanged.connect(self._settings_changed)

    def use(self, calibration: Calibration) -> None:
        """Select a calibrated probe in the settings and report the new R, unless the probe belongs to another scan."""
        scan, probe = self._state.scan, calibration.probe_path
        if scan is None or not _belongs(scan, probe):
            words = f"Another scan is open, so the probe from run {calibration.run_dir.name} is saved but not used."
            self._messages.info(words)
            return
        for section in SECTIONS:
            self._state.set_value(section, "probe_file", probe)
        self._messages.success(
            f"The new probe is in use: R {calibration.r_after:.3f}, previously {calibration.r_before:.3f}."
            " To undo this, clear the Probe field under Training and Inference."
        )

    def _settings_changed(self, section: str) -> None:
        if section == "training" and self._chosen() != self._path:
            self._look()

    def _chosen(self) -> Path | None:
        path = self._state.config.values("training").get("probe_file")
        return path if isinstance(path, Path) else None

    def _look(self) -> None:
        scan, path = self._state.scan, self._chosen()
        self._path = path
        self._set(scan.preview.probe if scan is not None and scan.preview is not None else None, "")
        # The path may still be incomplete while it is typed; a training reports a missing file.
        if scan is None or path is None or not path.is_file():
            return
        self._messages.request(
            call(scan_tasks.read_probe, path, pattern_size(scan)),
            lambda modes: self._set(modes, f"In use: {path.name} from {path.parent.name}, not the scan's own probe"),
            # A training that uses it shows the error in a dialog.
            lambda failure: self._messages.log.note("warning", f"Probe {path.name}: {failure.summary}"),
            when=lambda: scan is self._state.scan and path == self._path,
        )

    def _set(self, modes: NDArray[np.complexfloating] | None, words: str) -> None:
        self.modes, self.words = modes, words
        self.changed.emit()


def drop_other_probe(config: JobSettings, scan: Scan) -> None:
    """Clear the Probe setting unless its probe was calibrated on this scan, possibly in an earlier session."""
    for section in SECTIONS:
        if not _belongs(scan, config.values(section).get("probe_file")):
            config.set(section, "probe_file", None)


def _belongs(scan: Scan, probe: object) -> bool:
    """Whether a file is a probe calibrated on this scan, according to the note of its run."""
    if not isinstance(probe, Path) or not probe.is_file():
        return False
    data = runs.read_note(probe.parent).get("data")
    return isinstance(data, str) and Path(data) == scan.path
