"""How long the window's event loop is held up while a job runs: gaps of a 5 ms timer, printed.

Run: ``python tests/benchmarks/app_heartbeat.py``
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtCore import QSettings, QTimer
from PyQt6.QtWidgets import QApplication

from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn_app.application import build_window

TRAINING_S = 20.0


class Heartbeat:
    """Beats every 5 ms and keeps the gaps."""

    def __init__(self) -> None:
        self._gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    def _beat(self) -> None:
        now = time.perf_counter()
        self._gaps.append(now - self._last)
        self._last = now

    def tell(self, what: str) -> None:
        """Print the gaps since the last call."""
        gaps, self._gaps = 1e3 * np.array(self._gaps), []
        print(f"{what:15s} gap p99 {np.percentile(gaps, 99):6.1f} ms, longest {gaps.max():6.1f} ms")


def wait(app: QApplication, seconds: float, until: list[object] | None = None) -> None:
    """Process events for some time, or until a list is no longer empty."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until:
        app.processEvents()
        time.sleep(0.001)


def main() -> None:
    """Open a scan, train, reconstruct."""
    folder = Path(tempfile.mkdtemp())
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("folder/runs", str(folder / "runs"))
    npz.write(folder / "scan.npz", RawData(**simulate_scan(64, 400, 1e6, 0), diff3d_units="amplitude"))
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    window = build_window([], settings)
    window.show()
    session = window.session
    heart = Heartbeat()
    opened: list[object] = []
    session.datasetChanged.connect(lambda *_: opened.append(1))
    session.open_data(folder / "scan.npz")
    wait(app, 60, opened)
    wait(app, 1)
    heart.tell("opening a scan")
    ended: list[object] = []
    session.jobEnded.connect(ended.append)
    session.train()
    wait(app, TRAINING_S, ended)
    session.stop_keep()
    wait(app, 120, ended)
    wait(app, 1)
    heart.tell("training")
    ended.clear()
    session.reconstruct()
    wait(app, 120, ended)
    heart.tell("reconstruction")
    window.close()


if __name__ == "__main__":
    main()
