"""The end of the application: no object is left for the end of Python to destroy in arbitrary order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RUN_TO_ITS_END = """
import sys
from PyQt6.QtCore import QSettings, QTimer
from PyQt6.QtWidgets import QApplication
from ptychopinn_app import application
store = QSettings(sys.argv[1], QSettings.Format.IniFormat)
store.setValue("jobs/prewarm", False)
application.user_settings = lambda: store
show = application.MainWindow.show
def shown(window):
    show(window)
    QTimer.singleShot(300, window.close)
application.MainWindow.show = shown
code = application.run(["gui"])
print("left", QApplication.topLevelWidgets(), sys.excepthook is sys.__excepthook__)
sys.exit(code)
"""


def test_no_window_or_menu_outlives_the_run_to_be_destroyed_after_the_application(tmp_path: Path) -> None:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), HOME=str(tmp_path))
    command = [sys.executable, "-c", RUN_TO_ITS_END, str(tmp_path / "s.ini")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "left [] True"
