"""The window's start, shape, theme, focus and wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from app_support import send_drop, toast_texts
from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSettings, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QDockWidget,
    QFileDialog,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn_app import __main__ as application_main
from ptychopinn_app import theme as theme_module
from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.main_window import SIZE, MainWindow
from ptychopinn_app.theme import theme


def test_fit_acts_on_the_current_view(opened: MainWindow, qtbot: QtBot) -> None:
    opened.central.select(opened.central.diffraction)
    panel = opened.central.diffraction.panels[0]
    qtbot.waitUntil(lambda: panel.view_rectangle().height() >= 32, timeout=15_000)
    panel._box.setRange(rect=QRectF(4, 4, 5, 5), padding=0)
    panel._zoomed()
    qtbot.wait(20)
    assert panel.view_rectangle().height() < 16
    opened.action("actionFit").trigger()
    qtbot.waitUntil(lambda: panel.view_rectangle().height() >= 32, timeout=15_000)
    opened.central.select(opened.central.positions)
    opened.central.positions._plot.setRange(QRectF(0, 0, 1, 1))
    opened.action("actionFit").trigger()
    assert opened.central.positions._plot.viewRange()[0][1] > 5
    opened.central.select(opened.central.probe)
    opened.action("actionFit").trigger()


RESET = """
import sys
from PyQt6.QtCore import QSettings, QTimer
from ptychopinn_app import application
store = QSettings(sys.argv[1], QSettings.Format.IniFormat)
for key, value in (("jobs/prewarm", False), ("folder/last", "/x"), ("recent/data", '["/x/a.npz"]')):
    store.setValue(key, value)
application.user_settings = lambda: store
show = application.MainWindow.show
def shown(window):
    show(window)
    print(window.settings.text("folder/last"), window.settings.recent("data"))
    QTimer.singleShot(0, window.close)
application.MainWindow.show = shown
sys.exit(application.run(["gui", *sys.argv[2:]]))
"""


@pytest.mark.parametrize(("arguments", "kept"), [((), True), (("--reset",), False)])
def test_reset_on_the_command_line_clears_all_settings(tmp_path: Path, arguments: tuple[str, ...], kept: bool) -> None:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), HOME=str(tmp_path))
    command = [sys.executable, "-c", RESET, str(tmp_path / "s.ini"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert ("/x/a.npz" in done.stdout) == ("/x [" in done.stdout) == kept


def test_window_shape_docks_and_folder_survive_a_restart(
    make_window: Callable[[], MainWindow], scan: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_window()
    # The screen of the tests is narrower than the window may be.
    first.resize(first.minimumWidth(), 701)
    with qtbot.waitSignal(first.session.state.scanChanged, timeout=15_000):
        first.session.datasets.open(scan)
    first.action("actionSessionPanel").trigger()
    first.central.show_views()
    first.central.splitter.setSizes([250, 400])
    qtbot.wait(20)
    sizes = first.central.splitter.sizes()
    first.close()
    second = make_window()
    # The welcome page stands where the views will be; it may need more room than they do.
    qtbot.wait(100)
    assert second.central.shows_welcome()
    second.central.show_views()
    qtbot.wait(20)
    assert second.height() == 701 != SIZE.height()
    dock = second.findChild(QDockWidget, "sessionDock")
    assert dock is not None and not dock.isVisible()
    assert second.central.splitter.sizes() == pytest.approx(sizes, abs=3)
    folders: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda _, __, start, *___: (folders.append(start), ("", ""))[1])
    second.action("actionOpenData").trigger()
    assert folders == [str(scan.parent)]
    second.action("actionResetLayout").trigger()
    assert dock.isVisible()


def test_the_theme_follows_the_desktop_by_default(
    make_window: Callable[[], MainWindow], store: QSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.remove("theme")
    monkeypatch.setattr(theme_module, "_desktop_theme", lambda: "light")
    window = make_window()
    assert (theme().mode, theme().name) == ("system", "light")
    assert window.action("actionThemeSystem").isChecked()
    for desktop in ("dark", "light"):
        monkeypatch.setattr(theme_module, "_desktop_theme", lambda desktop=desktop: desktop)
        theme()._desktop_changed()
        assert QApplication.palette().window().color() == theme().colour("window")
        assert theme().name == desktop
    window.preferences.choose_theme("dark")
    theme()._desktop_changed()
    assert theme().name == "dark", "who has chosen a theme keeps it"


def test_everything_is_reachable_on_a_small_screen(opened: MainWindow, qtbot: QtBot) -> None:
    opened.central.strip.begin("Training on scan.npz", "train")
    opened.resize(1280, 720)
    qtbot.wait(50)
    assert (opened.width(), opened.height()) == (1280, 720)
    inside = opened.rect()
    names = [f"{section.name}Filter" for section in SECTIONS if section.name == "model"]
    strip = opened.central.strip.findChildren(QPushButton)
    for widget in (*strip, *(opened.findChild(QWidget, name) for name in names), opened.statusBar()):
        assert widget is not None and widget.isVisible()
        assert inside.contains(QRect(widget.mapTo(opened, QPoint(0, 0)), widget.size())), widget.objectName()
    for index, section in enumerate(SECTIONS):
        opened.forms.setCurrentIndex(index)
        qtbot.wait(10)
        scroll = opened.forms.forms[section.name].findChild(QScrollArea)
        assert scroll is not None and scroll.height() >= 100
        last = list(opened.forms.forms[section.name].rows.values())[-1]
        scroll.ensureWidgetVisible(last)
        assert scroll.isAncestorOf(last)
    opened.central.strip.end()


def test_each_form_label_is_the_buddy_of_its_field(opened: MainWindow) -> None:
    for section in SECTIONS:
        for name, row in opened.forms.forms[section.name].rows.items():
            labels = [label for label in row.findChildren(QLabel) if label.buddy() is row.editor]
            assert [label.text() for label in labels] == [row.info.label], name


def test_dropping_good_and_bad_files_opens_the_good_and_names_the_bad(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    notes = tmp_path / "notes.txt"
    notes.touch()
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        assert send_drop(window, write_scan(tmp_path / "a.npz"), notes)
    assert "notes.txt" in toast_texts(window)


@pytest.mark.parametrize("group", ["gui_scripts"])
def test_the_command_starts_the_application(group: str) -> None:
    (entry,) = (each for each in entry_points(group=group) if each.name == "ptychopinn-gui")
    assert entry.load() is application_main.main


def test_the_wheel_changes_no_unfocused_box(opened: MainWindow) -> None:
    assert opened.central.compare is not None
    opened.central.setFocus()
    boxes = [*opened.findChildren(QComboBox), *opened.findChildren(QSpinBox)]
    assert {"backendCombo", "deviceCombo", "unitsCombo", "besideCombo", "model.gridsize"} <= {
        box.objectName() for box in boxes
    }
    for box in boxes:
        before = box.currentIndex() if isinstance(box, QComboBox) else box.value()
        for turn in (-120, 120):
            event = QWheelEvent(
                QPointF(5, 5), QPointF(box.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, turn),
                Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(box, event)
            assert (box.currentIndex() if isinstance(box, QComboBox) else box.value()) == before, box.objectName()
            assert not event.isAccepted() and not box.hasFocus()
        assert box.focusPolicy() != Qt.FocusPolicy.WheelFocus
