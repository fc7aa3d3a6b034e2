"""What a day of work in the window showed: words as the form has them, dialogs that go, marks that stay."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtWidgets import QDialog, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.services import dialogs
from ptychopinn_app.session import runs


def test_row_25_the_question_about_one_job_that_waits_is_in_the_singular(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(f"{box.text()} {box.informativeText()}"))
    dialogs.ask_close(window, 1, "")
    dialogs.ask_close(window, 1, "train")
    assert "A job is waiting." in asked[0] and "One job waits in the queue. Forget it, or stay?" in asked[0]
    assert asked[1].endswith("One job waits in the queue. It is forgotten unless you stay.")


def test_row_28_a_validation_sentence_names_a_setting_as_the_form_does(opened: MainWindow) -> None:
    session = opened.session
    session.set_value("model", "gridsize", 3)
    session.set_value("training", "neighbor_count", 2)
    sentence = session.problems("training")["neighbor_count"]
    assert sentence.startswith("Grid size 3 needs") and "gridsize" not in sentence


@pytest.mark.parametrize("name", ["actionSettings", "actionSweep"])
def test_a_closed_dialog_is_gone(window: MainWindow, name: str) -> None:
    for _ in range(3):
        window.action(name).trigger()
        (dialog,) = (each for each in window.findChildren(QDialog) if each.isVisible())
        dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not window.findChildren(QDialog)
    window.requests.close()


def test_row_40_a_changed_setting_stays_marked_in_another_theme(window: MainWindow, qtbot: QtBot) -> None:
    window.session.set_value("training", "nepochs", 17)
    editor = window.findChild(QWidget, "training.nepochs")
    label = next(each for each in window.forms.findChildren(QLabel) if each.buddy() is editor)
    window.forms.setCurrentWidget(window.forms.forms["training"])
    for name in ("actionThemeLight", "actionThemeDark"):
        window.action(name).trigger()
        qtbot.wait(10)
        assert label.font().bold(), name


def test_names_are_listed_as_a_person_would() -> None:
    assert [runs.listed(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_row_28_sentences_of_the_configuration_use_the_labels_of_the_form(window: MainWindow) -> None:
    config = window.session.config
    config.set("training", "batch_size", 5)
    assert config.problems("training")["batch_size"].startswith("Batch size is 5; expected a power of two.")
    config.set("training", "realspace_mae_weight", 1.0)
    assert "_" not in config.problems("training")["realspace_mae_weight"]
