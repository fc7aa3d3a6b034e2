"""How quick the application is: start, memory, the pulse of its event loop, big files, Cancel, live previews.

Every figure is printed beside the budget that the design gives it. The jobs are real ones.

Run: ``python tests/benchmarks/app_figures.py [--backend pytorch] [--seconds 20] [--big-megabytes 1000]``
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtCore import QSettings, QTimer
from PyQt6.QtWidgets import QApplication

from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Batch, Phase, Preview
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn_app.application import build_window
from ptychopinn_app.main_window import MainWindow

EXPORTS = 8

START = """
import time
began = time.perf_counter()
import sys
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication
from ptychopinn_app.application import build_window
application = QApplication([])
settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)
settings.setValue("jobs/prewarm", False)
window = build_window([], settings)
window.show()
application.processEvents()
shown = time.perf_counter() - began
for line in open("/proc/self/status"):
    if line.startswith("VmRSS"):
        print(shown, int(line.split()[1]) / 1024)
window.close()
"""


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
        worst = f"p99 {np.percentile(gaps, 99):.1f} ms, longest {gaps.max():.1f} ms"
        say(f"pulse while {what}", worst, "p99 20 ms, longest 100 ms")


def say(what: str, figure: str, budget: str) -> None:
    """Print a figure beside its budget."""
    print(f"{what:38s} {figure:38s} (budget {budget})", flush=True)


def wait(app: QApplication, seconds: float, until: Callable[[], object] = lambda: False) -> None:
    """Process events for some time, or until something is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        app.processEvents()
        time.sleep(0.001)


def start(folder: Path) -> None:
    """Measure three starts of the window in processes of their own; the first one warms the disk."""
    found = []
    for number in range(3):
        command = [sys.executable, "-c", START, str(folder / f"start{number}.ini")]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append([float(word) for word in answer.stdout.split()])
    seconds, megabytes = np.min(found[1:], axis=0)
    say("time to window", f"{seconds:.2f} s (first start {found[0][0]:.2f} s)", "0.8 s")
    say("memory at start", f"{megabytes:.0f} MB", "130 MB")


def big_file(app: QApplication, window: MainWindow, folder: Path, megabytes: int) -> None:
    """Drop a big scan and wait for its card: cold, and with the helper process running already."""
    count = megabytes * 1_000_000 // (4 * 128 * 128)
    small = simulate_scan(128, 64, 1e6, 0)
    patterns = np.resize(np.asarray(small["diff3d"], np.float32), (count, 128, 128))
    random = np.random.default_rng(0)
    positions = 100 + 4 * np.sqrt(count) * random.random((2, count))
    arrays = {"xcoords": positions[0], "ycoords": positions[1], "probeGuess": small["probeGuess"]}
    np.savez(folder / "big.npz", diff3d=patterns, **arrays)
    # Writing a gigabyte to the disk must not go on beside the reading that is measured.
    os.sync()
    for what in ("first", "again"):
        opened: list[object] = []
        link = window.session.state.scanChanged.connect(opened.append)
        began = time.perf_counter()
        window.session.files.open_paths([folder / "big.npz"])
        wait(app, 120, lambda opened=opened: opened)
        app.processEvents()
        say(f"{megabytes} MB scan to its card, {what}", f"{time.perf_counter() - began:.2f} s", "0.5 s")
        window.session.state.scanChanged.disconnect(link)


def jobs(app: QApplication, window: MainWindow, heart: Heartbeat, seconds: float) -> None:
    """Train, reconstruct and save while the pulse is taken; cancel another training."""
    session = window.session
    ended: list[object] = []
    events: list[tuple[float, object]] = []
    session.state.jobEnded.connect(ended.append)
    session.state.jobProgress.connect(lambda event: events.append((time.perf_counter(), event)))
    session.jobs.train()
    wait(app, 300, lambda: any(isinstance(event, Batch) for _, event in events))
    heart.tell("importing the backend")
    wait(app, seconds, lambda: ended)
    heart.tell("training")
    session.runner.stop_keep()
    wait(app, 120, lambda: ended)
    heart.tell("stopping and saving")
    previews = sum(isinstance(event, Preview) for _, event in events)
    print(f"{'':38s} {previews} previews in {seconds:.0f} s")
    ended.clear()
    session.jobs.reconstruct()
    wait(app, 300, lambda: ended)
    heart.tell("reconstructing")
    exported: list[object] = []
    session.messages.written.connect(exported.append)
    # One is over so soon that a single gap would be its 99th percentile.
    for count in range(1, EXPORTS + 1):
        session.files.export(Path(session.app_settings.text("folder/runs")) / "product.h5")
        wait(app, 60, lambda count=count: len(exported) == count)
        wait(app, 0.5)
    heart.tell("exporting")
    ended.clear()
    events.clear()
    session.jobs.train()
    wait(app, 300, lambda: any(isinstance(event, Batch) for _, event in events))
    pid = session.runner.pid
    began = time.perf_counter()
    session.runner.cancel()
    wait(app, 60, lambda: ended)
    freed = "" if pid is None or not Path(f"/proc/{pid}").exists() else ", process still there"
    say("Cancel until the machine is free", f"{time.perf_counter() - began:.2f} s{freed}", "1 s")


def preview_cost(folder: Path, backend: str, seconds: float) -> None:
    """Print how much of a training's time its live previews take."""
    from dataclasses import replace

    from ptychopinn.config.model import ModelConfig
    from ptychopinn.config.presets import own_model_defaults, own_training_defaults
    from ptychopinn.config.training import TrainingConfig
    from ptychopinn.workflow.train import train

    config = TrainingConfig(ModelConfig(**own_model_defaults()), **own_training_defaults())
    config = replace(config, backend=backend, nepochs=100_000, max_minutes=seconds / 60)
    spent = {"begun": 0.0, "ended": 0.0}
    costs: list[float] = []
    import ptychopinn.backends.preview as preview

    call = preview.Previewer.__call__

    def timed(self: preview.Previewer, epoch: int) -> Preview:
        began = time.perf_counter()
        picture = call(self, epoch)
        costs.append(time.perf_counter() - began)
        return picture

    def hear(event: object) -> None:
        if isinstance(event, Phase) and event.text == "training":
            spent["begun"] = time.perf_counter()
        if isinstance(event, Phase) and event.text == "saving the model":
            spent["ended"] = time.perf_counter()

    preview.Previewer.__call__ = timed  # type: ignore[method-assign]
    try:
        train(folder / "scan.npz", folder / "preview", config, report=hear)
    finally:
        preview.Previewer.__call__ = call  # type: ignore[method-assign]
    # The last one is made after the training: it shows and judges what is kept.
    share = sum(costs[:-1]) / (spent["ended"] - spent["begun"])
    say(f"previews' part of the training, {backend}", f"{100 * share:.1f} % ({len(costs) - 1} previews)", "5 %")


def main() -> None:
    """Measure everything once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=("pytorch", "tensorflow"), default="pytorch")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the trainings")
    parser.add_argument("--big-megabytes", type=int, default=1000, help="size of the big scan")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start(folder)
        settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        settings.setValue("folder/runs", str(folder / "runs"))
        settings.setValue("jobs/prewarm", False)
        npz.write(folder / "scan.npz", RawData(**simulate_scan(64, 400, 1e6, 0), diff3d_units="amplitude"))
        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        window = build_window([], settings)
        window.show()
        wait(app, 2)
        big_file(app, window, folder, args.big_megabytes)
        window.session.state.set_backend(args.backend)
        heart = Heartbeat()
        opened: list[object] = []
        window.session.state.scanChanged.connect(opened.append)
        window.session.datasets.open(folder / "scan.npz")
        wait(app, 60, lambda: opened)
        wait(app, 1)
        heart.tell("opening a scan")
        jobs(app, window, heart, args.seconds)
        # A window whose model is not saved would ask.
        session = window.session
        session.files.save_model(folder / "kept.h5.zip")
        wait(app, 60, lambda: session.state.model is not None and session.state.model.saved)
        window.close()
        preview_cost(folder, args.backend, 6 * args.seconds)


if __name__ == "__main__":
    main()
