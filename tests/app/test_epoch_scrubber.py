"""The slider shows older previews of a run, during the run and later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import app_fakes
import numpy as np
import pytest
from app_support import finish, trained, use_task
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from ptychopinn.events import Preview
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.runs import preview_store
from ptychopinn_app.runs.preview_store import MOST, PreviewStore, list_previews, read_preview
from ptychopinn_app.views.epoch_scrubber import EpochScrubber


def picture(epoch: int) -> Preview:
    amplitude = np.full((8, 8), 1 + epoch / 100, np.float32)
    return Preview(epoch, amplitude, -amplitude)


@pytest.fixture
def keeping(opened: MainWindow) -> MainWindow:
    """A window whose trainings store their previews like real ones."""
    use_task("train", app_fakes.keeping_train)
    return opened


def slider(window: MainWindow) -> QSlider:
    found = window.findChild(QSlider, "epochSlider")
    assert found is not None
    return found


def caption(window: MainWindow) -> str:
    return window.central.reconstruction.caption()


def test_the_slider_goes_back_to_every_epoch_and_to_the_newest(keeping: MainWindow, qtbot: QtBot) -> None:
    assert not slider(keeping).isVisible()
    trained(keeping, qtbot)
    qtbot.waitUntil(lambda: slider(keeping).maximum() == 3, timeout=15_000)
    assert slider(keeping).isVisible()
    newest = caption(keeping)
    slider(keeping).setFocus()
    qtbot.keyClick(slider(keeping), Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: caption(keeping) == "Epoch 1", timeout=15_000)
    qtbot.keyClick(slider(keeping), Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: caption(keeping) == "Epoch 2", timeout=15_000)
    assert keeping.central.reconstruction.scrubber.words() == "2"
    qtbot.keyClick(slider(keeping), Qt.Key.Key_End)
    assert caption(keeping) == newest
    assert keeping.central.reconstruction.scrubber.words() == "newest"


def test_a_selected_epoch_stays_while_the_training_continues(keeping: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.keeping_endless_train)
    keeping.session.jobs.train()
    qtbot.waitUntil(lambda: slider(keeping).maximum() >= 4, timeout=15_000)
    slider(keeping).setValue(1)
    qtbot.waitUntil(lambda: caption(keeping) == "Epoch 2", timeout=15_000)
    many = slider(keeping).maximum() + 3
    qtbot.waitUntil(lambda: slider(keeping).maximum() >= many, timeout=15_000)
    assert caption(keeping) == "Epoch 2"
    slider(keeping).setValue(slider(keeping).maximum())
    assert caption(keeping).startswith("Preview, epoch")
    assert finish(keeping, qtbot, keeping.session.runner.cancel).status == "cancelled"
    assert not slider(keeping).isVisible(), "a cancelled run leaves nothing to slide through"


def test_a_reopened_run_has_its_epochs(keeping: MainWindow, qtbot: QtBot) -> None:
    trained(keeping, qtbot)
    first = keeping.session.runner
    assert first.info is None
    run = keeping.session.state.model.path.parent if keeping.session.state.model else Path()
    use_task("train", app_fakes.train)
    trained(keeping, qtbot)
    qtbot.waitUntil(lambda: slider(keeping).maximum() == 0, timeout=15_000)
    qtbot.waitUntil(lambda: len(keeping.session.run_list.entries) == 2, timeout=15_000)
    keeping.session.run_list.open(run)
    qtbot.waitUntil(lambda: slider(keeping).maximum() == 3, timeout=15_000)


def test_a_new_window_shows_the_last_epoch_of_a_run_without_object(
    keeping: MainWindow, qtbot: QtBot, make_window: Callable[[], MainWindow]
) -> None:
    trained(keeping, qtbot)
    run = keeping.session.state.model.path.parent if keeping.session.state.model else Path()
    window = make_window()
    with qtbot.waitSignal(window.session.run_list.changed, timeout=15_000):
        window.session.run_list.refresh()
    window.session.run_list.open(run)
    qtbot.waitUntil(lambda: caption(window) == "Epoch 3 (last preview)", timeout=15_000)
    assert slider(window).isVisible() and window.central.reconstruction.scrubber.follows
    slider(window).setValue(0)
    qtbot.waitUntil(lambda: caption(window) == "Epoch 1", timeout=15_000)
    slider(window).setValue(3)
    assert caption(window) == "Epoch 3 (last preview)"


def test_the_slider_stays_with_the_previews_of_the_running_job(keeping: MainWindow, qtbot: QtBot) -> None:
    trained(keeping, qtbot)
    run = keeping.session.state.model.path.parent if keeping.session.state.model else Path()
    qtbot.waitUntil(lambda: len(keeping.session.run_list.entries) == 1, timeout=15_000)
    use_task("train", app_fakes.keeping_endless_train)
    keeping.session.jobs.train()
    qtbot.waitUntil(lambda: slider(keeping).maximum() >= 5, timeout=15_000)
    lengths: list[int] = []
    keeping.session.previews.changed.connect(lambda kept, _: lengths.append(len(kept)))
    keeping.session.run_list.open(run)
    many = slider(keeping).maximum() + 3
    qtbot.waitUntil(lambda: slider(keeping).maximum() >= many, timeout=15_000)
    qtbot.waitUntil(lambda: not keeping.session.short_tasks.busy, timeout=15_000)
    assert min(lengths) >= 5, "those of the opened run have not come between"
    finish(keeping, qtbot, keeping.session.runner.cancel)


def test_a_selected_epoch_stays_selected_while_previews_are_thinned(qtbot: QtBot) -> None:
    scrubber = EpochScrubber()
    qtbot.addWidget(scrubber)
    asked: list[int] = []
    scrubber.chosen.connect(asked.append)
    kept = tuple((number, number + 1) for number in range(10))
    scrubber.set_previews(kept, "epoch")
    scrubber.go_to(4)
    scrubber.set_previews(kept[::2], "epoch")
    assert scrubber.words() == "5" and asked == [4]
    scrubber.set_previews(kept[::8], "epoch")
    assert scrubber.words() == "1" and asked == [4, 0], "the neighbour of one that is gone is shown in its place"
    scrubber.set_previews((), "epoch")
    assert scrubber.follows, "what was chosen in one run is no choice in the next"


def test_the_window_has_as_few_previews_as_the_folder(keeping: MainWindow, qtbot: QtBot) -> None:
    use_task("train", app_fakes.keeping_long_train)
    told: list[tuple[tuple[int, int], ...]] = []
    keeping.session.previews.changed.connect(lambda kept, _: told.append(kept))
    trained(keeping, qtbot)
    live = told[-1]
    run = keeping.session.state.model.path.parent if keeping.session.state.model else Path()
    assert max(len(kept) for kept in told) <= MOST
    qtbot.waitUntil(lambda: not keeping.session.short_tasks.busy, timeout=15_000)
    assert live == list_previews(run) and live[-1][1] == 2 * MOST + 5


def test_iterations_are_counted_in_sweeps(keeping: MainWindow, qtbot: QtBot) -> None:
    use_task("quick_look", app_fakes.keeping_quick_look)
    finish(keeping, qtbot, keeping.session.jobs.quick_look)
    qtbot.waitUntil(lambda: slider(keeping).maximum() == 3, timeout=15_000)
    slider(keeping).setValue(1)
    qtbot.waitUntil(lambda: caption(keeping) == "Sweep 2", timeout=15_000)
    slider(keeping).setValue(0)
    qtbot.waitUntil(lambda: caption(keeping) == "Sweep 1", timeout=15_000)
    assert slider(keeping).accessibleName() == "Sweep shown"


def test_a_result_is_shown_even_if_an_older_epoch_was_chosen(keeping: MainWindow, qtbot: QtBot) -> None:
    trained(keeping, qtbot)
    qtbot.waitUntil(lambda: slider(keeping).maximum() == 3, timeout=15_000)
    slider(keeping).setValue(0)
    finish(keeping, qtbot, keeping.session.jobs.reconstruct)
    assert caption(keeping).startswith("Result")


def test_a_long_run_stores_few_previews_that_span_it(tmp_path: Path) -> None:
    store = PreviewStore(tmp_path)
    for epoch in range(1, 501):
        store.add(picture(epoch))
    epochs = [epoch for _, epoch in list_previews(tmp_path)]
    assert MOST // 2 <= len(epochs) <= MOST
    assert epochs[0] == 1 and epochs[-1] == 500
    assert max(np.diff(epochs)) <= 500 / 8, "no large part of the run is left out"
    found = read_preview(tmp_path, 1)
    assert found is not None and abs(found.epoch - 2) <= 500 / 8, "a preview that is gone is answered by its neighbour"
    np.testing.assert_allclose(found.amplitude, 1 + found.epoch / 100, rtol=1e-3)


def test_a_full_disk_stops_the_previews_and_not_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(preview_store.np, "savez", full)
    store = PreviewStore(tmp_path)
    store.add(picture(1))
    store.add(picture(2))
    assert list_previews(tmp_path) == ()
    assert read_preview(tmp_path, 0) is None
