"""After a kill, settings, data and the finished epochs are offered at the next start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import app_fakes
import numpy as np
import pytest
from app_support import finish, toast_texts, use_task
from PyQt6.QtCore import QLockFile, QSettings
from PyQt6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ptychopinn.events import Preview
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.records import RunEntry
from ptychopinn_app.runs.folder import read_note, write_note
from ptychopinn_app.runs.preview_store import PreviewStore
from ptychopinn_app.session.recovery import KEY

KILLED_WINDOW = """
import sys
from pathlib import Path
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication

if __name__ == "__main__":
    import app_fakes
    from app_support import use_task
    from ptychopinn_app.application import build_window
    application = QApplication([])
    window = build_window([], QSettings(sys.argv[1], QSettings.Format.IniFormat))
    use_task("train", app_fakes.endless_train)
    window.session.state.jobProgress.connect(
        lambda event: print("epoch", event.epoch, flush=True) if type(event).__name__ == "Epoch" else None
    )
    def opened(scan):
        window.session.state.set_value("training", "batch_size", 8)
        window.session.jobs.train()
    window.session.state.scanChanged.connect(opened)
    window.session.state.jobStarted.connect(lambda info: print("run", info.run_dir, flush=True))
    window.session.datasets.open(Path(sys.argv[2]))
    application.exec()
"""


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def killed_run(store: QSettings, scan: Path, tmp_path: Path) -> Path:
    """The run of a window that was killed during a training, after the end of its job process."""
    store.setValue("jobs/mode", "process")
    store.sync()
    script = tmp_path / "killed_window.py"
    script.write_text(KILLED_WINDOW)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": path}
    arguments = [sys.executable, str(script), store.fileName(), str(scan)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as window:
        assert window.stdout is not None
        run, epochs = None, 0
        for line in window.stdout:
            word, _, rest = line.strip().partition(" ")
            run = Path(rest) if word == "run" else run
            epochs += word == "epoch"
            if epochs >= 3:
                break
        # The note of what is open is written a moment after the last change.
        wait_for(
            lambda: json.loads(QSettings(store.fileName(), QSettings.Format.IniFormat).value(KEY, "{}")).get("run")
        )
        window.send_signal(signal.SIGKILL)
    assert run is not None
    wait_for((run / "metrics.csv").is_file)
    store.sync()
    store.setValue("jobs/mode", "thread")
    return run


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_after_a_kill_settings_data_and_finished_epochs_are_offered(
    killed_run: Path, make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot
) -> None:
    assert (killed_run / "wts.h5.zip").is_file(), "the orphaned job has saved its model"
    picture = np.ones((8, 8), np.float32)
    PreviewStore(killed_run).add(Preview(3, picture, picture))
    window = make_window()
    bar = window.central.recovery
    qtbot.waitUntil(bar.isVisible, timeout=15_000)
    assert scan.name in bar.text()
    assert "epochs; its model was saved" in bar.text()
    assert window.session.state.config.values("training")["batch_size"] == 8
    button = bar.findChild(QPushButton, "recoveryRestore")
    assert button is not None
    with qtbot.waitSignals([window.session.state.scanChanged, window.session.state.modelChanged], timeout=15_000):
        button.click()
    assert not bar.isVisible()
    assert window.session.state.scan is not None and window.session.state.scan.path == scan
    assert window.session.state.model is not None and window.session.state.model.path == killed_run / "wts.h5.zip"
    qtbot.waitUntil(lambda: len(window.session.state.history.loss) >= 3, timeout=15_000)
    assert "Resume training" in toast_texts(window)
    qtbot.waitUntil(lambda: "Epoch 3 (last preview)" in window.central.reconstruction.caption(), timeout=15_000)
    assert read_note(killed_run)["status"] == "interrupted"


def test_nothing_is_offered_after_a_window_was_closed(
    make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot, store: QSettings
) -> None:
    first = make_window()
    with qtbot.waitSignal(first.session.state.scanChanged, timeout=15_000):
        first.session.datasets.open(scan)
    qtbot.waitUntil(lambda: str(scan) in str(json.loads(store.value(KEY, "{}")).get("data")), timeout=15_000)
    first.close()
    assert not store.contains(KEY)
    second = make_window()
    assert second.central.recovery.isHidden()


def test_a_dismissed_offer_is_not_made_again(
    make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot, store: QSettings
) -> None:
    store.setValue(KEY, json.dumps({"data": str(scan)}))
    window = make_window()
    qtbot.waitUntil(window.central.recovery.isVisible, timeout=15_000)
    button = window.central.recovery.findChild(QPushButton, "recoveryDismiss")
    assert button is not None
    button.click()
    assert not window.central.recovery.isVisible()
    window.close()
    assert not store.contains(KEY)


@pytest.mark.parametrize("note", ["{", "[]", '{"data": 3, "fixes": 4}', '{"data": "/no/such/scan.npz"}'])
def test_a_damaged_note_offers_nothing(make_window: Callable[[], MainWindow], store: QSettings, note: str) -> None:
    store.setValue(KEY, note)
    assert make_window().central.recovery.isHidden()


def test_a_run_without_a_living_window_is_called_interrupted(
    make_window: Callable[[], MainWindow], tmp_path: Path, qtbot: QtBot
) -> None:
    dead, alive = tmp_path / "runs" / "dead", tmp_path / "runs" / "alive"
    for folder in (dead, alive):
        folder.mkdir(parents=True)
        write_note(folder, kind="train", title=folder.name, started=1.0, status="running")
    lock = QLockFile(str(alive / "run.lock"))
    assert lock.tryLock(0)
    window = make_window()

    def states() -> dict[str, str]:
        return {entry.path.name: entry.status for entry in window.session.run_list.entries}

    qtbot.waitUntil(lambda: states().get("dead") == "interrupted", timeout=15_000)
    assert states()["alive"] == "running"
    lock.unlock()


def test_a_list_older_than_the_end_of_a_run_does_not_call_it_interrupted(opened: MainWindow, qtbot: QtBot) -> None:
    old: list[tuple[RunEntry, ...]] = []
    opened.session.run_list.changed.connect(lambda entries: old.append(entries))
    use_task("train", app_fakes.endless_train)
    opened.session.jobs.train()
    qtbot.waitUntil(lambda: bool(old) and any(entry.status == "running" for entry in old[-1]), timeout=15_000)
    late = old[-1]
    assert finish(opened, qtbot, opened.session.runner.stop_keep).status == "stopped"
    opened.session.run_list.changed.emit(late)
    assert read_note(late[0].path)["status"] == "stopped"
