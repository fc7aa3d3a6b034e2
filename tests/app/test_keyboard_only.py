"""A whole session on a real X server by keys alone: open, quick look, train, reconstruct, save, export, quit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings

from builders import write_scan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"),
]


class Keyboard:
    """Presses keys in the window that is in front, as a user would."""

    def __init__(self, display: str) -> None:
        self._environment = {**os.environ, "DISPLAY": display}

    def _ask(self, *words: str) -> str:
        command = ["xdotool", *words]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True).stdout.strip()

    def windows(self, name: str) -> list[str]:
        return self._ask("search", "--onlyvisible", "--name", name).split()

    def front(self, name: str) -> None:
        """Give a window the keys; without a window manager nobody else does."""
        wait_for(lambda: self.windows(name), f"the window {name}")
        self._ask("windowfocus", "--sync", self.windows(name)[-1])
        time.sleep(0.3)

    def press(self, keys: str) -> None:
        self._ask("key", "--clearmodifiers", keys)
        time.sleep(0.2)

    def answer(self, title: str, path: Path) -> None:
        """Type a path into a file dialog."""
        self.front(title)
        self.press("ctrl+a")
        self._ask("type", "--clearmodifiers", "--delay", "5", str(path))
        self.press("Return")
        wait_for(lambda: not self.windows(title), f"the end of {title}")
        self.front("PtychoPINN Studio")


def wait_for(what: Callable[[], object], words: str, seconds: float = 180.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"waited in vain for {words}"
        time.sleep(0.1)


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual screen of its own."""
    reading, writing = os.pipe()
    # Without -noreset the server begins anew whenever its last client leaves, and who connects just then is refused.
    command = ["Xvfb", "-noreset", "-displayfd", str(writing), "-screen", "0", "1280x720x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        yield f":{number}"
        server.terminate()


@pytest.fixture
def keys(display: str, tmp_path: Path) -> Iterator[Keyboard]:
    """The application on that screen, with settings of its own."""
    home = tmp_path / "home"
    store = QSettings(str(home / "PtychoPINN" / "Studio.ini"), QSettings.Format.IniFormat)
    store.setValue("folder/runs", str(tmp_path / "runs"))
    store.setValue("config", json.dumps({"training": {"nepochs": 2}, "execution": {"accelerator": "cpu"}}))
    store.sync()
    environment = {key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
    environment |= {"DISPLAY": display, "XDG_CONFIG_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "ptychopinn_app"]
    with subprocess.Popen(command, env=environment) as application:
        keyboard = Keyboard(display)
        try:
            keyboard.front("PtychoPINN Studio")
            yield keyboard
            assert application.wait(30) == 0
        finally:
            application.kill()


def test_a_session_from_open_to_save_with_the_keyboard_only(keys: Keyboard, tmp_path: Path) -> None:
    scan = write_scan(tmp_path / "scan.npz")

    def status(kind: str) -> str:
        notes = [json.loads(path.read_text()) for path in (tmp_path / "runs").glob("*/run.json")]
        return next((str(note.get("status")) for note in notes if note.get("kind") == kind), "")

    keys.press("ctrl+o")
    keys.answer("Open training data", scan)
    time.sleep(3)
    for shortcut, kind in (("ctrl+l", "quick"), ("ctrl+r", "train"), ("ctrl+shift+r", "reconstruct")):
        keys.press(shortcut)
        wait_for(lambda kind=kind: status(kind) == "done", kind)
        # What a job made is opened before the next one can use it.
        time.sleep(2)
    keys.press("ctrl+s")
    keys.answer("Save model", tmp_path / "model.h5.zip")
    wait_for((tmp_path / "model.h5.zip").is_file, "the saved model")
    keys.press("ctrl+e")
    keys.answer("Export product", tmp_path / "product.h5")
    wait_for((tmp_path / "product.h5").is_file, "the exported product")
    keys.press("ctrl+q")
