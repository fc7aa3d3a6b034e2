"""Forms made from dataclasses: one editor per type, values kept exactly, problems below their field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from app_support import send_drop
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QLabel, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from ptychopinn.config.field import describe, option
from ptychopinn_app.binder.form import DataclassForm
from ptychopinn_app.binder.numbers import NumberEdit
from ptychopinn_app.binder.paths import PathEdit
from ptychopinn_app.binder.values import Invalid, number_text


class Odd:
    """A type no table knows."""


@dataclass
class Sample:
    kind: Literal["a", "b"] = option("a", label="Kind", help="Which one.", group="First")
    flag: bool = option(True, label="Flag", help="On or off.", group="First")
    count: int = option(3, label="Count", help="How many.", minimum=1, maximum=9, unit="px", group="First")
    rate: float = option(1e-9, label="Rate", help="How fast.", group="Second")
    limit: float | None = option(None, label="Limit", help="Upper limit.", unset="whole scan", group="Second")
    groups: int | None = option(None, label="Groups", help="How many groups.", group="Second", advanced=True)
    place: Path | None = option(None, label="Place", help="A file.", group="Second", advanced=True)
    odd: Odd = option("text", label="Odd", help="Strange.", group="Second", advanced=True)
    mode: Literal["x", "y"] | None = option(None, label="Mode", help="A choice.", unset="neither", group="Second")


DEFAULTS = {info.name: info.default for info in describe(Sample)}


@pytest.fixture
def form(qtbot: QtBot) -> DataclassForm:
    made = DataclassForm("sample", describe(Sample), DEFAULTS)
    qtbot.addWidget(made)
    made.resize(380, 700)
    made.show_values(DEFAULTS, {})
    made.show()
    return made


def editor(form: DataclassForm, name: str) -> Any:
    found = form.findChild(QWidget, f"sample.{name}")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [("kind", QComboBox), ("flag", QCheckBox), ("count", QSpinBox), ("rate", NumberEdit), ("limit", NumberEdit),
     ("groups", NumberEdit), ("place", PathEdit), ("odd", QLineEdit), ("mode", QComboBox)],
)  # fmt: skip
def test_each_type_has_its_editor(form: DataclassForm, name: str, kind: type) -> None:
    assert type(editor(form, name)) is kind


def test_every_editor_has_an_accessible_name_and_a_tool_tip(form: DataclassForm) -> None:
    for info in describe(Sample):
        widget = editor(form, info.name)
        assert widget.accessibleName() == info.label
        assert info.help in widget.toolTip() and info.name in widget.toolTip()
        label = next(each for each in form.findChildren(QLabel) if each.buddy() is widget)
        assert label.toolTip() == widget.toolTip()
    assert "default 1e-9" in editor(form, "rate").toolTip() and "default 3 px" in editor(form, "count").toolTip()
    assert "default whole scan" in editor(form, "limit").toolTip() and "default on" in editor(form, "flag").toolTip()


def test_a_bounded_number_stays_in_its_bounds(form: DataclassForm) -> None:
    count = editor(form, "count")
    assert (count.minimum(), count.maximum(), count.suffix()) == (1, 9, " px")


def test_a_path_is_chosen_dropped_or_typed(
    form: DataclassForm, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = editor(form, "place")
    (tmp_path / "a b.npz").touch()
    with qtbot.waitSignal(form.edited) as edited:
        assert send_drop(place, tmp_path / "a b.npz")
    assert edited.args == ["sample", "place", tmp_path / "a b.npz"]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "c.npz"), ""))
    with qtbot.waitSignal(form.edited) as edited:
        next(action for action in place.actions() if action.toolTip() == "Choose…").trigger()
    assert edited.args[2] == tmp_path / "c.npz" and place.text() == str(tmp_path / "c.npz")
    place.selectAll()
    with qtbot.waitSignal(form.edited) as edited:
        qtbot.keyClick(place, Qt.Key.Key_Delete)
    assert edited.args[2] is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_reads_back_exactly(value: float) -> None:
    assert float(number_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(1e-9, "1e-9"), (1e9, "1e9"), (0.001, "0.001"), (64.0, "64"), (2500.0, "2500")]
)
def test_numbers_are_written_short(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_small_float_is_shown_and_edited_without_loss(form: DataclassForm, qtbot: QtBot) -> None:
    assert editor(form, "rate").text() == "1e-9"
    with qtbot.waitSignal(form.edited) as edited:
        editor(form, "rate").selectAll()
        qtbot.keyClicks(editor(form, "rate"), "3")
    assert edited.args == ["sample", "rate", 3.0]


def test_none_is_shown_as_its_meaning_and_set_by_emptying_the_field(form: DataclassForm, qtbot: QtBot) -> None:
    limit = editor(form, "limit")
    assert limit.text() == "" and limit.placeholderText() == "whole scan"
    qtbot.keyClicks(limit, "5")
    assert limit.value() == 5.0
    with qtbot.waitSignal(form.edited) as edited:
        qtbot.keyClick(limit, Qt.Key.Key_Backspace)
    assert edited.args[2] is None


def test_an_optional_choice_has_an_entry_for_none(form: DataclassForm) -> None:
    assert editor(form, "mode").currentText() == "neither"


@pytest.mark.parametrize("text", ["abc", "1e", "nan", "inf"])
def test_a_text_that_is_not_a_number_is_a_problem(form: DataclassForm, qtbot: QtBot, text: str) -> None:
    rate = editor(form, "rate")
    rate.selectAll()
    qtbot.keyClicks(rate, text)
    value = rate.value()
    assert isinstance(value, Invalid) and text in value.sentence and "number" in value.sentence


def test_a_whole_number_field_refuses_fractions(form: DataclassForm, qtbot: QtBot) -> None:
    groups = editor(form, "groups")
    qtbot.keyClicks(groups, "2.5")
    assert isinstance(groups.value(), Invalid)


def test_text_is_not_rewritten_while_typing(form: DataclassForm, qtbot: QtBot) -> None:
    form.edited.connect(lambda _, name, value: form.show_values(DEFAULTS | {name: value}, {}))
    rate = editor(form, "rate")
    rate.selectAll()
    qtbot.keyClicks(rate, "1.50e-3")
    assert rate.text() == "1.50e-3" and rate.value() == 1.5e-3


def test_arrow_keys_step_in_the_leading_digit(form: DataclassForm, qtbot: QtBot) -> None:
    rate = editor(form, "rate")
    rate.set_value(0.03)
    qtbot.keyClick(rate, Qt.Key.Key_Up)
    assert rate.value() == 0.04
    rate.set_value(0.01)
    qtbot.keyClick(rate, Qt.Key.Key_Down)
    assert rate.value() == 0.009


def test_a_problem_appears_below_its_field_and_disappears(form: DataclassForm) -> None:
    form.show_values(DEFAULTS, {"count": "count is 3; expected 4."})
    assert form.rows["count"].problem() == "count is 3; expected 4."
    assert editor(form, "count").property("invalid") is True
    assert form.rows["flag"].problem() == ""
    form.show_values(DEFAULTS, {})
    assert form.rows["count"].problem() == "" and editor(form, "count").property("invalid") is False


def test_a_problem_of_a_folded_field_unfolds_it(form: DataclassForm) -> None:
    assert not form.rows["groups"].isVisible()
    form.show_values(DEFAULTS, {"groups": "too many"})
    assert form.rows["groups"].isVisible()


def test_a_changed_value_is_marked_and_can_be_reset(form: DataclassForm, qtbot: QtBot) -> None:
    row = form.rows["count"]
    form.show_values(DEFAULTS | {"count": 5}, {})
    reset = next(child for child in row.findChildren(QWidget) if child.accessibleName() == "Reset Count")
    assert reset.isVisible()
    with qtbot.waitSignal(form.edited) as edited:
        qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert edited.args == ["sample", "count", 3]
    form.show_values(DEFAULTS, {})
    assert not reset.isVisible()


def test_editors_keep_their_width_when_changed(form: DataclassForm) -> None:
    form.show_values(DEFAULTS | {"count": 5}, {})
    assert editor(form, "count").width() == editor(form, "rate").width() == editor(form, "kind").width()


def test_the_filter_shows_matching_settings_including_advanced(form: DataclassForm, qtbot: QtBot) -> None:
    box = form.findChild(QLineEdit, "sampleFilter")
    assert box is not None
    qtbot.keyClicks(box, "how many groups")
    assert [name for name, row in form.rows.items() if row.isVisible()] == ["groups"]
    box.clear()
    assert not form.rows["groups"].isVisible() and form.rows["kind"].isVisible()


@pytest.mark.parametrize("name", ["count", "kind"])
def test_the_wheel_scrolls_the_form_and_changes_no_value(form: DataclassForm, name: str) -> None:
    widget = editor(form, name)
    form.setFocus()
    before = widget.value() if name == "count" else widget.currentText()
    event = QWheelEvent(
        QPointF(5, 5), widget.mapToGlobal(QPointF(5, 5)), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    assert (widget.value() if name == "count" else widget.currentText()) == before
    assert not event.isAccepted(), "what a widget does not accept scrolls the form around it"


def test_a_new_field_needs_no_code(qtbot: QtBot) -> None:
    @dataclass
    class Later(Sample):
        fresh: int = option(1, label="Fresh", help="New.")

    made = DataclassForm("sample", describe(Later), {})
    qtbot.addWidget(made)
    assert isinstance(editor(made, "fresh"), QSpinBox)
