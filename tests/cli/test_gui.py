"""``ptychopinn gui --screenshot``: the window as a picture, without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage

from ptychopinn.physics.simulate import simulate_scan

SMOOTH = (Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def gui(*arguments: object) -> subprocess.CompletedProcess[str]:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "ptychopinn.cli", "gui", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.npz"
    np.savez(path, **simulate_scan(32, 40, 1e5, 0))
    return path


def test_a_screenshot_has_the_theme_and_size_of_the_window(scan: Path, tmp_path: Path) -> None:
    brightness = []
    for theme in ("dark", "light"):
        path = tmp_path / f"{theme}.png"
        done = gui("--screenshot", path, "--data", scan, "--theme", theme, "--size", "1280x720")
        assert done.returncode == 0, done.stderr
        picture = QImage(str(path))
        assert (picture.width(), picture.height()) == (1280, 720)
        brightness.append(picture.scaled(1, 1, *SMOOTH).pixelColor(0, 0).lightness())
    assert brightness[0] < 90 < 150 < brightness[1]


def test_unusable_files_are_reported_and_set_the_exit_code(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.npz"
    wrong.write_bytes(b"no scan")
    done = gui("--screenshot", tmp_path / "a.png", "--data", wrong)
    assert done.returncode == 1
    assert "wrong.npz" in done.stderr
    done = gui("--screenshot", tmp_path / "no folder" / "a.png")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_an_invalid_size_is_refused(tmp_path: Path) -> None:
    done = gui("--screenshot", tmp_path / "a.png", "--size", "wide")
    assert done.returncode == 2
    assert "1280x720" in done.stderr
