"""What a day of work in the window showed: words as the form has them, dialogs that go, marks that stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QDialog, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from ptychopinn.errors import DataError
from ptychopinn_app.jobs.export_tasks import export
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.services import dialogs
from ptychopinn_app.views.settings_table import SettingsTable


def test_the_question_about_one_queued_job_is_in_the_singular(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(f"{box.text()} {box.informativeText()}"))
    dialogs.ask_close(window, 1, "")
    dialogs.ask_close(window, 1, "train")
    assert asked[0] == "The queue is not empty. 1 queued job will be lost if you close the window."
    assert asked[1].endswith("or stay? 1 queued job will be lost if you close the window.")


def test_a_validation_sentence_names_a_setting_as_the_form_does(opened: MainWindow) -> None:
    session = opened.session
    session.state.set_value("model", "gridsize", 3)
    session.state.set_value("training", "neighbor_count", 2)
    sentence = session.state.problems("training")["neighbor_count"]
    assert "grid size 3 needs" in sentence and "gridsize" not in sentence


@pytest.mark.parametrize("name", ["actionSettings", "actionSweep"])
def test_a_closed_dialog_is_gone(window: MainWindow, name: str) -> None:
    for _ in range(3):
        window.action(name).trigger()
        (dialog,) = (each for each in window.findChildren(QDialog) if each.isVisible())
        dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not window.findChildren(QDialog)
    window.preferences.close()


def test_a_changed_setting_stays_marked_in_another_theme(window: MainWindow, qtbot: QtBot) -> None:
    window.session.state.set_value("training", "nepochs", 17)
    editor = window.findChild(QWidget, "training.nepochs")
    label = next(each for each in window.forms.findChildren(QLabel) if each.buddy() is editor)
    window.forms.setCurrentWidget(window.forms.forms["training"])
    for name in ("actionThemeLight", "actionThemeDark"):
        window.action(name).trigger()
        qtbot.wait(10)
        assert label.font().bold(), name


def test_names_are_listed_as_a_person_would() -> None:
    assert [runs.listed(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_sentences_of_the_configuration_use_the_labels_of_the_form(window: MainWindow) -> None:
    config = window.session.state.config
    config.set("training", "batch_size", 5)
    assert config.problems("training")["batch_size"].startswith("Batch size is 5; expected a power of two.")
    config.set("training", "realspace_mae_weight", 1.0)
    assert "_" not in config.problems("training")["realspace_mae_weight"]


def test_fit_images_resets_curves_that_the_wheel_has_moved(opened: MainWindow, qtbot: QtBot) -> None:
    loss = opened.central.loss
    loss.set_curves([0.3, 0.2, 0.1], [])
    opened.central.select(loss)
    ranges: list[object] = []

    def settled() -> bool:
        ranges.append(np.ravel(loss._plot.viewRange()))
        return len(ranges) > 5 and bool(np.all(ranges[-1] == ranges[-5]))

    # The plot gets its size a moment after its tab has come to the front.
    qtbot.waitUntil(settled, timeout=15_000)
    before = np.ravel(loss._plot.viewRange())
    port = loss._plot.viewport()
    middle = QPointF(port.rect().center())
    wheel = QWheelEvent(
        middle, QPointF(port.mapToGlobal(port.rect().center())), QPoint(), QPoint(0, 480),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, wheel)
    assert np.ravel(loss._plot.viewRange()) != pytest.approx(before)
    opened.action("actionFit").trigger()
    qtbot.waitUntil(lambda: np.ravel(loss._plot.viewRange()) == pytest.approx(before, abs=1e-6), timeout=15_000)


def test_the_value_under_the_pointer_goes_with_its_view(opened: MainWindow) -> None:
    centre = opened.central
    centre.select(centre.positions)
    centre.positions.cursorText.emit("position 7")
    assert opened.status.cursor_value.text() == "position 7"
    centre.select(centre.diffraction)
    assert opened.status.cursor_value.text() == ""


def test_values_of_settings_have_room_beside_long_names(qtbot: QtBot) -> None:
    table = SettingsTable("table", "Settings", ("A", "B"))
    qtbot.addWidget(table)
    table.resize(280, 200)
    table.show_rows([("Training: Patterns used for an epoch", "probe.npz", "of the scan")])
    table.show()
    assert table.columnWidth(1) >= 80 and table.columnWidth(2) >= 80
    assert table.rowHeight(0) > 1.5 * table.fontMetrics().height()


def test_the_losses_of_a_refined_object_are_those_of_its_training(tmp_path: Path) -> None:
    trained, made, refined = (tmp_path / name for name in ("train", "reconstruct", "refine"))
    for folder in (trained, made, refined):
        folder.mkdir()
    (trained / "metrics.csv").write_text("epoch,loss,val_loss\n1,2,3\n")
    runs.write_note(made, model=trained / "wts.h5.zip")
    runs.write_note(refined, refined=made / "object.npz")
    target = tmp_path / "losses.csv"
    assert export(refined, target) == (target,)
    assert target.read_text() == (trained / "metrics.csv").read_text()
    (trained / "metrics.csv").unlink()
    runs.write_note(made, refined=refined / "object.npz")
    with pytest.raises(DataError, match="No losses"):
        export(refined, target)
