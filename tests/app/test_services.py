"""Log book, settings, devices, icons, palette."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings
from pytestqt.qtbot import QtBot

import ptychopinn_resources as resources
from ptychopinn_app.commands import COMMANDS
from ptychopinn_app.panels.job_strip import duration
from ptychopinn_app.panels.log_panel import LogPanel
from ptychopinn_app.services.log_tail import LogTail
from ptychopinn_app.services.logbook import MOST_LINES, LogBook, level_of
from ptychopinn_app.services.settings import RECENT_LIMIT, Settings
from ptychopinn_app.services.versions import version_text
from ptychopinn_app.theme import theme


@pytest.mark.parametrize(
    ("line", "level"),
    [("12:00:01 WARNING probe", "warning"), ("Traceback (most recent call last):", "error"), ("epoch 3", "info"),
     ("2026 CRITICAL x", "error"), ("DEBUG y", "debug"), ("no WARNINGS", "info"),
     ("I0000 00:00:1.5 1 port.cc:1] an ERROR is named", "info"), ("E0000 00:00:1.5 1 cuda.cc:5] gone", "error"),
     ("WARNING: All log messages before absl::InitializeLog() is called are written to STDERR", "info")],
)  # fmt: skip
def test_a_printed_line_gets_its_level(line: str, level: str) -> None:
    assert level_of(line) == level


def test_the_log_is_bounded() -> None:
    book = LogBook()
    book.feed("\n".join(f"line {number}" for number in range(MOST_LINES + 50)))
    assert len(book.lines) == MOST_LINES and book.lines[0].text == "line 50"


def test_the_log_pane_filters_by_level_and_text(qtbot: QtBot) -> None:
    book = LogBook()
    panel = LogPanel(book)
    qtbot.addWidget(panel)
    book.feed("DEBUG hidden\nINFO shown\nWARNING careful\nERROR broken")
    assert panel.text() == "INFO shown\nWARNING careful\nERROR broken"
    panel._level.setCurrentIndex(2)
    assert panel.text() == "WARNING careful\nERROR broken"
    panel._search.setText("BROKE")
    assert panel.text() == "ERROR broken"
    book.clear()
    assert panel.text() == ""


def test_a_log_file_is_followed_by_whole_lines(qtbot: QtBot, tmp_path: Path) -> None:
    heard: list[str] = []
    tail = LogTail(heard.append)
    path = tmp_path / "log"
    tail.follow(path)
    tail.read()
    path.write_bytes("one\ntwö"[:-1].encode())
    tail.read()
    assert heard == ["one"]
    with path.open("ab") as stream:
        stream.write("ö\nthree".encode())
    tail.finish()
    assert "\n".join(heard) == "one\ntwö\nthree"


def test_recent_files_are_bounded_unique_and_newest_first(tmp_path: Path) -> None:
    settings = Settings(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    for number in [*range(RECENT_LIMIT + 3), 5]:
        settings.add_recent("data", Path(f"/x/{number}.npz"))
    recent = settings.recent("data")
    assert len(recent) == RECENT_LIMIT and recent[0] == Path("/x/5.npz") and len(set(recent)) == RECENT_LIMIT
    settings.clear_recent()
    assert settings.recent("data") == []


@pytest.mark.parametrize("garbage", ["", "[1", '{"a": 1}', "[1, null]", "null"])
def test_damaged_settings_read_as_their_defaults(tmp_path: Path, garbage: str) -> None:
    settings = Settings(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    for key in ("recent/data", "config", "flag", "blob"):
        settings.store.setValue(key, garbage)
    assert settings.recent("data") == []
    assert isinstance(settings.table("config"), dict)
    assert settings.flag("flag", True) is True
    assert settings.blob("blob").isEmpty()


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (112, "1:52 min"), (7500, "2:05 h")])
def test_durations_are_readable(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_versions_name_what_is_installed_without_importing_it() -> None:
    assert "PyQt6 6" in version_text() and "numpy" in version_text()


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *[("text", ground) for ground in ("window", "surface", "raised", "field", "selection", "hover", "error-fill")],
    *[("text-muted", ground) for ground in ("window", "surface", "raised", "field", "canvas", "warning-fill")],
    *[("on-accent", ground) for ground in ("accent-fill", "accent-fill-hover", "accent-fill-pressed")],
    *[(token, "surface") for token in ("error", "warning", "success", "accent")],
    *[(curve, "canvas") for curve in ("curve-1", "curve-2")],
]


@pytest.mark.parametrize("name", resources.THEMES)
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read_in_both_themes(name: str, ink: str, ground: str) -> None:
    colours = resources.colours(name)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("name", resources.THEMES)
def test_unchecked_boxes_can_be_seen(name: str) -> None:
    colours = resources.colours(name)
    assert contrast(colours["border-strong"], colours["field"]) >= 3


@pytest.mark.parametrize("name", resources.THEMES)
def test_the_style_sheet_has_no_unresolved_token(name: str) -> None:
    assert "@" not in resources.style_sheet(name)


def test_both_themes_have_the_same_tokens() -> None:
    assert resources.colours("dark").keys() == resources.colours("light").keys()


@pytest.mark.parametrize("name", resources.icon_names())
def test_every_icon_draws_something(qtbot: QtBot, name: str) -> None:
    image = theme().pixmap(name, 24).toImage()
    inked = sum(image.pixelColor(x, y).alpha() > 40 for x in range(image.width()) for y in range(image.height()))
    assert inked > 15


def test_an_unknown_icon_names_those_that_exist() -> None:
    with pytest.raises(FileNotFoundError, match="open-data"):
        resources.icon_path("nope")


def test_every_command_uses_an_icon_that_exists() -> None:
    assert {command.icon for command in COMMANDS if command.icon} <= set(resources.icon_names())


SLOT_FAILS = """
import sys
from PyQt6.QtCore import QCoreApplication, QTimer
from ptychopinn_app.services.hooks import ExceptionHook
app = QCoreApplication([])
hook = ExceptionHook()
hook.install()
hook.caught.connect(lambda summary, details: print(summary, "Traceback" in details))
def fail():
    raise RuntimeError("slot failed")
QTimer.singleShot(0, fail)
QTimer.singleShot(50, app.quit)
sys.exit(app.exec())
"""


def test_an_exception_in_a_slot_is_shown_and_does_not_end_the_application() -> None:
    environment = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", SLOT_FAILS], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0 and done.stdout.strip() == "RuntimeError: slot failed True"
