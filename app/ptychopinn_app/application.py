"""Start-up of the application: hooks, QApplication, window, event loop."""

from __future__ import annotations

import argparse
import faulthandler
import sys
from pathlib import Path

from PyQt6 import sip
from PyQt6.QtCore import QSettings, QSize, QTemporaryDir
from PyQt6.QtWidgets import QApplication

from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services.hooks import ExceptionHook
from ptychopinn_app.services.screenshot import Screenshot, fresh_settings, parse_size
from ptychopinn_app.services.settings import user_settings


def build_window(paths: list[Path], settings: QSettings | None = None) -> MainWindow:
    """Build the window, creating a QApplication unless one exists."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = MainWindow(settings)
    # The window keeps a reference; Python would delete an unreferenced application.
    window.application = application
    if paths:
        window.session.files.open_paths(paths)
    return window


def run(arguments: list[str]) -> int:
    """Run the application until its window closes; return the exit code."""
    options = _parse(arguments[1:])
    faulthandler.enable()
    application = QApplication(arguments[:1])
    application.setApplicationName("PtychoPINN Studio")
    application.setDesktopFileName("ptychopinn-studio")
    folder = QTemporaryDir()
    settings = user_settings() if options.screenshot is None else fresh_settings(folder, options.theme)
    if options.reset:
        settings.clear()
    elif options.theme is not None:
        settings.setValue("theme", options.theme)
    hook = ExceptionHook()
    hook.install()
    window = build_window([*options.files, *options.data, *options.model], settings)
    hook.caught.connect(lambda summary, details: window.errors.show(summary, details))
    if options.size is not None:
        window.resize(options.size)
    window.show()
    problems: list[str] = []

    def done(problem: str) -> None:
        problems.append(problem)
        window.close()

    if options.screenshot is not None:
        screenshot = Screenshot(window, options.screenshot, lambda: window.session.short_tasks.busy, done)
        window.session.messages.notified.connect(screenshot.note)
    code = application.exec()
    # No window is left to show an exception; it must not end the process before the windows are deleted.
    hook.caught.disconnect()
    _destroy_windows(window)
    hook.remove()
    if problems and problems[0]:
        print(problems[0], file=sys.stderr)
        return 1
    return code


def _destroy_windows(first: MainWindow) -> None:
    # At exit Python deletes objects in any order, some after the application, which aborts the process.
    sip.delete(first)
    while free := [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]:
        sip.delete(free[0])


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ptychopinn-gui", description="PtychoPINN Studio")
    parser.add_argument(
        "files", nargs="*", type=Path, help="scans (.npz, .h5, .cxi), a model (wts.h5.zip) or a folder to open"
    )
    parser.add_argument("--reset", action="store_true", help="reset window layout, recent files and all settings")
    parser.add_argument("--data", type=Path, action="append", default=[], metavar="FILE", help="scan to open")
    parser.add_argument("--model", type=Path, action="append", default=[], metavar="FILE", help="model to open")
    parser.add_argument("--theme", choices=("dark", "light"), help="theme (default: the one chosen in the window)")
    parser.add_argument("--size", type=_size, metavar="WxH", help="window size in pixels")
    parser.add_argument("--screenshot", type=Path, metavar="PNG", help="save a screenshot of the window and quit")
    return parser.parse_args(arguments)


def _size(text: str) -> QSize:
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
