"""Start of the application: hooks, QApplication, window, event loop."""

from __future__ import annotations

import argparse
import faulthandler
import sys
from pathlib import Path

from PyQt6.QtCore import QSettings, QTimer
from PyQt6.QtWidgets import QApplication

from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services.hooks import ExceptionHook
from ptychopinn_app.services.settings import user_settings

SCREENSHOT_DELAY_MS = 3000


def build_window(paths: list[Path], settings: QSettings | None = None) -> MainWindow:
    """Build the window; an application object is made if there is none."""
    if QApplication.instance() is None:
        # Python would collect an application that nobody holds; the window holds it.
        application = QApplication(sys.argv[:1])
        window = MainWindow(settings)
        window.application = application
    else:
        window = MainWindow(settings)
    if paths:
        window.session.open_paths(paths)
    return window


def run(arguments: list[str]) -> int:
    """Run the application until its window closes, and give the exit code."""
    options = _parse(arguments[1:])
    faulthandler.enable()
    application = QApplication(arguments[:1])
    application.setApplicationName("PtychoPINN Studio")
    application.setDesktopFileName("ptychopinn-studio")
    settings = user_settings()
    if options.reset:
        settings.clear()
    hook = ExceptionHook()
    hook.install()
    window = build_window(options.files, settings)
    hook.connect(lambda summary, details: window.presenter.show_error(summary, details))
    window.show()
    if options.screenshot is not None:
        QTimer.singleShot(SCREENSHOT_DELAY_MS, lambda: _screenshot(window, options.screenshot))
    return application.exec()


def _screenshot(window: MainWindow, path: Path) -> None:
    window.grab().save(str(path))
    window.close()


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ptychopinn-gui", description="PtychoPINN Studio")
    parser.add_argument("files", nargs="*", type=Path, help="scans (.npz), a model (wts.h5.zip) or a folder to open")
    parser.add_argument("--reset", action="store_true", help="forget window layout, recent files and all settings")
    parser.add_argument("--screenshot", type=Path, metavar="PNG", help="save a picture of the window and end")
    return parser.parse_args(arguments)
