"""What a window must not do to words and numbers: cut them, lay them over each other, or write them unevenly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.welcome import MOST_RECENT, MOST_RECENT_LOW, Welcome
from ptychopinn_app.services.text_breaks import BREAK, LONGEST_WORD, breakable, shortened
from ptychopinn_app.services.toast import Toasts
from ptychopinn_app.session.comparison import differing_settings
from ptychopinn_app.theme import theme
from ptychopinn_app.views.axes import LogAxis, even_step, even_texts, log_ticks
from ptychopinn_app.views.elided_label import ElidedLabel
from ptychopinn_app.views.image_panel import ImagePanel
from ptychopinn_app.widgets import button

LONG_NAME = "scan_of_a_rather_long_name_2025-11-25_sample_17_at_8.8_keV.npz"


def test_only_long_words_may_break() -> None:
    assert breakable("diff3d holds 3 patterns, 4 expected.") == "diff3d holds 3 patterns, 4 expected."
    text = f"/data/{LONG_NAME} and {'x' * 70} cannot be read."
    assert breakable(text).replace(BREAK, "") == text
    assert max(len(piece) for word in breakable(text).split() for piece in word.split(BREAK)) <= LONGEST_WORD


def test_a_shortened_name_keeps_its_end() -> None:
    assert shortened("scan.npz", 20) == "scan.npz"
    name = shortened(LONG_NAME, 30)
    assert len(name) == 30 and "…" in name and name.endswith(".npz")


def test_a_label_elides_text_that_does_not_fit(qtbot: QtBot) -> None:
    label = ElidedLabel(LONG_NAME)
    qtbot.addWidget(label)
    label.resize(160, 20)
    assert label.text() == LONG_NAME
    assert "…" in label.shown() and label.shown().endswith("npz")
    label.resize(2000, 20)
    assert label.shown() == LONG_NAME


@pytest.mark.parametrize(
    ("low", "high", "most", "texts"),
    [
        (0.8, 1.16, 8, ["0.80", "0.85", "0.90", "0.95", "1.00", "1.05", "1.10", "1.15"]),
        (-0.7, 0.43, 8, ["−0.6", "−0.4", "−0.2", "0.0", "0.2", "0.4"]),
        (0.0, 515.0, 6, ["0", "100", "200", "300", "400", "500"]),
        (0.0, 2.5e6, 6, ["0", "5e+05", "1e+06", "1.5e+06", "2e+06", "2.5e+06"]),
    ],
)
def test_labels_of_a_colour_bar_have_equally_many_decimals(
    low: float, high: float, most: int, texts: list[str]
) -> None:
    step = even_step(high - low, most)
    values = [index * step for index in range(-1000, 1001) if low <= index * step <= high * (1 + 1e-9)]
    assert even_texts(values, step) == texts


def test_a_colour_bar_uses_them(qtbot: QtBot) -> None:
    panel = ImagePanel("Amplitude", ("grey",))
    qtbot.addWidget(panel)
    panel.resize(400, 400)
    panel.show()
    panel.set_image(np.linspace(0.8, 1.16, 900).reshape(30, 30))
    axis = panel._bar.axis
    ((step, values),) = axis.tickValues(0.8, 1.16, 300)
    assert {len(text) for text in axis.tickStrings(values, 1.0, step)} == {4}
    assert axis.tickValues(1.0, 1.0, 300) == []


def test_ticks_of_a_narrow_loss_range_have_equally_many_decimals(qtbot: QtBot) -> None:
    axis = LogAxis("left")
    axis.setLogMode(y=True)
    assert axis.tickStrings(list(np.log10([0.0155, 0.016, 0.0165])), 1.0, None) == ["0.0155", "0.0160", "0.0165"]
    assert axis.tickStrings([-2.0, -1.0, 0.0], 1.0, None) == ["0.01", "0.1", "1"]


def test_the_data_card_names_a_long_file_once(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    scan = write_scan(tmp_path / LONG_NAME)
    arrays = dict(np.load(scan))
    arrays["diff3d"][3, 2, 1] = np.nan
    np.savez(scan, **arrays)
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15000):
        window.session.datasets.open(scan)
    name = next(label for label in window.card.findChildren(ElidedLabel) if label.text() == LONG_NAME)
    assert name.shown().endswith(".npz")
    rows = window.card.findings.rows
    assert rows and not any(LONG_NAME in row.finding.sentence for row in rows)
    for row in rows:
        for label in row.findChildren(QLabel):
            assert label.minimumSizeHint().width() <= window.card.width() - 60


@pytest.mark.parametrize("height", [380, 400, 620])
def test_nothing_overlaps_on_the_welcome_page(qtbot: QtBot, tmp_path: Path, height: int) -> None:
    page = Welcome()
    qtbot.addWidget(page)
    page.resize(880, height)
    page.show()
    page.show_recent([tmp_path / f"{number}_{LONG_NAME}" for number in range(6)])
    qtbot.wait(50)
    buttons = [each for each in page.findChildren(QPushButton) if each.isVisible()]
    assert len(buttons) == 2 + (MOST_RECENT if height > 600 else MOST_RECENT_LOW)
    texts = [label for label in page.findChildren(QLabel) if label.isVisible() and label.text()]
    places = [_place(widget, page) for widget in (*buttons, *texts)]
    for number, place in enumerate(places):
        assert not [other for other in places[number + 1 :] if place.intersects(other)], place
    for each in buttons:
        assert each.height() >= each.sizeHint().height() and each.width() >= each.minimumSizeHint().width()
    assert page.minimumSizeHint().height() < 300


def _place(widget: QWidget, page: QWidget) -> QRect:
    return QRect(widget.mapTo(page, QPoint(0, 0)), widget.size())


def test_editors_end_where_the_filter_ends_with_and_without_a_scroll_bar(opened: MainWindow, qtbot: QtBot) -> None:
    form = opened.forms.forms["training"]
    opened.forms.setCurrentWidget(form)
    area = form.findChild(QScrollArea)
    assert area is not None
    ends = []
    for height in (900, 660):
        opened.resize(1440, height)
        QApplication.processEvents()
        bar = area.verticalScrollBar()
        assert bar is not None
        ends.append((bar.isVisible(), *_ends(form)))
    assert [scrolled for scrolled, *_ in ends] == [False, True]
    assert len({end for _, *both in ends for end in both}) == 1


def _ends(form: QWidget) -> tuple[int, int]:
    field, editor = form.findChild(QLineEdit, "trainingFilter"), form.findChild(QWidget, "training.nepochs")
    assert field is not None and editor is not None
    first, second = (widget.mapTo(form, QPoint(widget.width(), 0)).x() for widget in (field, editor))
    return first, second


def test_the_icon_of_a_path_takes_the_colour_of_the_theme(qtbot: QtBot) -> None:
    theme().apply("dark")
    edit = PathEdit("file", "", True)
    qtbot.addWidget(edit)

    def colour() -> QColor:
        image = edit.actions()[0].icon().pixmap(16, 16).toImage()
        pixels = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
        return max(pixels, key=lambda pixel: pixel.alpha())

    before = colour()
    theme().apply("light")
    after = colour()
    theme().apply("dark")
    assert before.lightness() > after.lightness() + 30


def test_a_toast_is_aligned_with_its_icon_and_wraps_a_path(qtbot: QtBot) -> None:
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(700, 500)
    over.show()
    toasts = Toasts(over)
    toasts.show("success", "Reconstruction finished.")
    toasts.show("error", f"/a/folder/{'deep/' * 30}{LONG_NAME} cannot be read.")
    QApplication.processEvents()
    for toast in list(toasts._shown):
        icon, words = toast.findChildren(QLabel)
        assert icon.y() == words.y()
        assert words.minimumSizeHint().width() <= words.maximumWidth()
        assert toast.width() <= 410
        toast.close()


def test_settings_that_differ_have_their_unit(make_window: Callable[[], MainWindow]) -> None:
    rows = differing_settings({"training": {"max_minutes": 2.0}}, {})
    assert rows == [("Training: Time limit", "2 min", "none")]


def test_a_whole_circle_is_labelled_in_parts_of_pi(qtbot: QtBot) -> None:
    panel = ImagePanel("Phase", ("auto",), "rad")
    qtbot.addWidget(panel)
    panel.resize(400, 400)
    panel.show()

    def labels() -> list[str]:
        axis = panel._bar.axis
        ticks = axis.tickValues(-np.pi, np.pi, 300) if axis._tickLevels is None else axis._tickLevels
        return [text for _, text in ticks[0]] if axis._tickLevels is not None else axis.tickStrings(ticks[0][1], 1, 1)

    panel.set_image(np.linspace(-3.1, 3.1, 900).reshape(30, 30))
    assert labels() == ["−π", "−π/2", "0", "π/2", "π"]
    panel.set_image(np.linspace(0.1, 0.4, 900).reshape(30, 30))
    assert "π" not in "".join(labels())


def test_a_low_loss_plot_has_two_labels() -> None:
    assert len(log_ticks(np.log10(0.0154), np.log10(0.0166), 3)) >= 2


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_a_disabled_primary_button_looks_disabled(qtbot: QtBot, mode: str) -> None:
    theme().apply(mode)
    primary = button("Apply", lambda: None, role="primary")
    qtbot.addWidget(primary)
    primary.show()
    places = {}
    for enabled in (True, False):
        primary.setEnabled(enabled)
        places[enabled] = primary.grab().toImage().pixelColor(8, primary.height() // 2).name()
    assert places[True] == theme().colour("accent-fill").name() != places[False]


def test_dialogs_fit_a_small_laptop(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("actionShortcuts", "actionAbout", "actionSettings", "actionPresets", "actionSweep", "actionGlossary"):
        window.action(name).trigger()
    dialogs = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    assert len(dialogs) == 6
    qtbot.wait(50)
    for dialog in dialogs:
        for label in dialog.findChildren(QLabel):
            if label.isVisible() and not label.wordWrap():
                assert label.width() >= label.sizeHint().width(), label.text()
        assert dialog.height() <= 560 and dialog.width() <= 1000, dialog.windowTitle()
        dialog.close()
