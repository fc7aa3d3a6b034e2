"""The dispatcher's promises, with stand-ins for the workflows (API specification, section 4.8)."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ptycho.params as params
from ptycho.config.config import InferenceConfig, ModelConfig, PyTorchExecutionConfig, TrainingConfig
from ptycho.workflows import backend_selector
from ptychopinn.archive.bundle import write_bundle
from ptychopinn.archive.manifest import new_manifest

NAMES = {"tensorflow": "ptycho.workflows.components", "pytorch": "ptycho_torch.workflows.components"}


class Recorder:
    """Workflow functions that note their calls, and what the legacy dictionary held then."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any], dict[str, Any]]] = []

    def _note(self, name: str, args: tuple[Any, ...], more: dict[str, Any]) -> None:
        self.calls.append((name, args, more, dict(params.cfg)))

    def run_cdi_example(self, *args: Any, **more: Any) -> tuple[str, str, dict[str, Any]]:
        self._note("run", args, more)
        return "amplitude", "phase", {}

    def train_cdi_model(self, *args: Any, **more: Any) -> dict[str, Any]:
        self._note("train", args, more)
        return {}

    def load_inference_bundle(self, *args: Any, **more: Any) -> tuple[str, dict[str, Any]]:
        self._note("load", args, more)
        return "model", {"N": 16}


@pytest.fixture(params=["tensorflow", "pytorch"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def recorder(backend: str, monkeypatch: pytest.MonkeyPatch, legacy_cfg: dict[str, Any]) -> Iterator[Recorder]:
    found = Recorder()
    module = importlib.import_module(NAMES[backend])
    for name in ("run_cdi_example", "train_cdi_model", "load_inference_bundle"):
        monkeypatch.setattr(module, name, getattr(found, name))
    return found


def _config(backend: Any, **more: Any) -> TrainingConfig:
    return TrainingConfig(ModelConfig(N=48), backend=backend, **more)


def test_a_run_is_delegated_with_its_arguments_and_labelled(backend: str, recorder: Recorder) -> None:
    config = _config(backend)
    amplitude, phase, results = backend_selector.run_cdi_example_with_backend(
        "train", "test", config, flip_x=True, transpose=True, M=32, do_stitching=True
    )
    ((_, args, more, cfg),) = recorder.calls
    assert (amplitude, phase, results) == ("amplitude", "phase", {"backend": backend})
    assert args == ("train", "test", config)
    assert args[2] is config
    expected = {"flip_x": True, "flip_y": False, "transpose": True, "M": 32, "do_stitching": True}
    assert {key: more[key] for key in expected} == expected
    assert set(more) - set(expected) == (set() if backend == "tensorflow" else {"execution_config"})
    assert cfg["N"] == 48


def test_the_execution_configuration_reaches_pytorch_only(backend: str, recorder: Recorder) -> None:
    execution = PyTorchExecutionConfig(learning_rate=0.25)
    backend_selector.train_cdi_model_with_backend("train", None, _config(backend), execution)
    more = recorder.calls[0][2]
    assert more == ({} if backend == "tensorflow" else {"execution_config": execution})
    assert "learning_rate" not in params.cfg


def test_training_alone_is_labelled(backend: str, recorder: Recorder) -> None:
    assert backend_selector.train_cdi_model_with_backend("train", None, _config(backend)) == {"backend": backend}


def test_loading_returns_one_model_and_passes_the_folder_untouched(backend: str, recorder: Recorder) -> None:
    config = InferenceConfig(ModelConfig(N=48), Path(), Path(), backend=backend)
    folder = Path("does/not/exist")
    found = backend_selector.load_inference_bundle_with_backend(folder, config)
    assert found == ("model", {"N": 16})
    assert recorder.calls[0][1] == (folder,)


@pytest.mark.parametrize("name", ["jax", None, "TensorFlow"])
def test_another_name_is_refused_by_every_entry_after_the_dictionary_is_set(
    name: Any, legacy_cfg: dict[str, Any]
) -> None:
    config = _config(name)
    calls = [
        lambda: backend_selector.run_cdi_example_with_backend(None, None, config),
        lambda: backend_selector.train_cdi_model_with_backend(None, None, config),
        lambda: backend_selector.load_inference_bundle_with_backend("x", config),
    ]
    for call in calls:
        legacy_cfg["N"] = 1
        with pytest.raises(ValueError, match=r"(?s)tensorflow.*pytorch"):
            call()
        assert legacy_cfg["N"] == 48


def test_the_bridge_is_called_once_and_can_be_replaced(
    backend: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Any, Any]] = []
    monkeypatch.setattr(backend_selector, "update_legacy_dict", lambda cfg, config: seen.append((cfg, config)))
    config = _config(backend)
    backend_selector.train_cdi_model_with_backend("train", None, config)
    assert len(seen) == 1
    assert seen[0][0] is params.cfg
    assert seen[0][1] is config


@pytest.mark.parametrize("missing", ["torch", "lightning"])
@pytest.mark.parametrize("raises", [False, True])
def test_pytorch_without_its_frameworks_says_how_to_install_them(
    missing: str, raises: bool, monkeypatch: pytest.MonkeyPatch, legacy_cfg: dict[str, Any]
) -> None:
    real = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> Any:
        if name == missing:
            if raises:
                raise ModuleNotFoundError(name)
            return None
        return real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    with pytest.raises(RuntimeError, match=r"(?s)PyTorch backend selected.*unavailable.*pip install torch>=2\.2"):
        backend_selector.run_cdi_example_with_backend("train", None, _config("pytorch"))
    assert legacy_cfg["N"] == 48


@pytest.mark.parametrize("name", ["run_cdi_example", "train_cdi_model"])
@pytest.mark.parametrize("suffix", ["", "_torch"])
def test_the_workflows_of_both_backends_are_called_alike(name: str, suffix: str) -> None:
    plain, torch = (importlib.import_module(NAMES[backend]) for backend in ("tensorflow", "pytorch"))
    expected = {key: entry.default for key, entry in inspect.signature(getattr(plain, name)).parameters.items()}
    found = {key: entry.default for key, entry in inspect.signature(getattr(torch, name + suffix)).parameters.items()}
    assert list(found.items())[: len(expected)] == list(expected.items())
    assert list(found)[len(expected) :] == ["execution_config", "overrides"]


def test_a_broken_framework_is_told_with_its_reason(
    backend: str, monkeypatch: pytest.MonkeyPatch, legacy_cfg: dict[str, Any]
) -> None:
    # None in sys.modules makes an import statement fail.
    package, _, name = NAMES[backend].rpartition(".")
    monkeypatch.setitem(sys.modules, NAMES[backend], None)
    monkeypatch.delattr(sys.modules[package], name, raising=False)
    title = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}[backend]
    with pytest.raises(RuntimeError, match=rf"(?s){title} backend selected.*pip install"):
        backend_selector.train_cdi_model_with_backend("train", None, _config(backend))


def test_a_module_put_in_place_of_the_workflow_is_used(
    backend: str, monkeypatch: pytest.MonkeyPatch, legacy_cfg: dict[str, Any]
) -> None:
    stand_in, found = ModuleType(NAMES[backend]), Recorder()
    stand_in.train_cdi_model = found.train_cdi_model  # type: ignore[attr-defined]
    package = importlib.import_module(NAMES[backend].rpartition(".")[0])
    monkeypatch.setitem(sys.modules, NAMES[backend], stand_in)
    monkeypatch.setattr(package, "components", stand_in)
    backend_selector.train_cdi_model_with_backend("train", None, _config(backend))
    assert len(found.calls) == 1


def test_an_archive_of_the_other_backend_is_refused_naming_both(
    backend: str, tmp_path: Path, legacy_cfg: dict[str, Any]
) -> None:
    other = "pytorch" if backend == "tensorflow" else "tensorflow"
    write_bundle(tmp_path / "wts.h5.zip", {}, new_manifest(other, "test"))
    config = InferenceConfig(ModelConfig(), tmp_path, Path(), backend=backend)
    with pytest.raises(ValueError, match=other) as caught:
        backend_selector.load_inference_bundle_with_backend(tmp_path, config)
    assert backend in str(caught.value)
