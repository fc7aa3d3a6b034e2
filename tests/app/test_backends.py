"""Both backends in the window: the switch, the execution panel, a missing framework."""

from __future__ import annotations

import importlib.util

import pytest
from PyQt6.QtWidgets import QComboBox

from ptychopinn.backends import registry
from ptychopinn_app.jobs.process import MODULES


def test_the_switch_offers_both_backends(window) -> None:
    combo = window.findChild(QComboBox, "backendCombo")
    assert [combo.itemData(index) for index in range(combo.count())] == list(registry.NAMES)


def test_the_execution_panel_belongs_to_pytorch(window) -> None:
    forms = window.forms
    index = forms.indexOf(forms.forms["execution"])
    window.session.state.set_backend("tensorflow")
    assert not forms.isTabVisible(index)
    window.session.state.set_backend("pytorch")
    assert forms.isTabVisible(index)


def test_hidden_execution_settings_do_not_count(window) -> None:
    session = window.session
    session.state.set_value("execution", "learning_rate", 0.5)
    session.state.set_value("execution", "accelerator", "cpu")
    assert session.state.config.execution("pytorch").learning_rate == 0.5
    other = session.state.config.execution("tensorflow")
    assert other.learning_rate == 1e-3
    assert other.accelerator == "cpu"


@pytest.mark.parametrize("backend", registry.NAMES)
def test_a_training_is_set_up_for_the_chosen_backend(window, backend: str, tmp_path) -> None:
    window.session.state.set_backend(backend)
    config = window.session.state.config.training(tmp_path / "a.npz", None, tmp_path, "auto")
    assert config.backend == backend


@pytest.mark.parametrize("backend", registry.NAMES)
def test_a_missing_framework_is_reported_in_the_words_of_the_registry(opened, backend: str, monkeypatch, qtbot) -> None:
    session = opened.session
    session.state.set_backend(next(name for name in registry.NAMES if name != backend))
    monkeypatch.setattr(registry, "_is_installed", lambda module: False)
    with pytest.raises(RuntimeError) as caught:
        registry.require(backend)
    with qtbot.waitSignal(session.state.backendChecked, timeout=15000, check_params_cb=bool):
        session.state.set_backend(backend)
    assert session.queue.why_not("train") == str(caught.value)
    assert "pip install" in opened.action("actionTrain").toolTip()
    assert not opened.action("actionTrain").isEnabled()


@pytest.mark.parametrize("backend", registry.NAMES)
def test_the_waiting_child_imports_existing_modules(backend: str) -> None:
    for name in MODULES[backend]:
        assert importlib.util.find_spec(name) is not None
