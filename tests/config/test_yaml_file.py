"""Settings files: round trip, unknown entries, unreadable content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.yaml_file import load_settings, load_yaml_config, save_settings
from ptychopinn.errors import ConfigError


def test_settings_survive_writing_and_reading(tmp_path: Path) -> None:
    model = ModelConfig(gridsize=3, probe_scale=2.5)
    training = TrainingConfig(
        model, train_data_file=tmp_path / "b.npz", output_dir=tmp_path, max_minutes=1.5, batch_size=np.int64(4)
    )
    execution = PyTorchExecutionConfig(learning_rate=3e-5, logger_backend=None)
    iterations = IterativeConfig(sweeps=3, modes=2)
    path = tmp_path / "config.yaml"
    configs = {"model": model, "training": training, "execution": execution, "iterations": iterations}
    save_settings(path, {**configs, "inference": None}, {"command": "train", "file": tmp_path, "fixes": ("a", "b")})
    sections, unknown = load_settings(path)
    assert unknown == []
    assert sections.pop("run") == {"command": "train", "file": str(tmp_path), "fixes": ["a", "b"]}
    assert ModelConfig(**sections["model"]) == model
    assert PyTorchExecutionConfig(**sections["execution"]) == execution
    assert IterativeConfig(**sections["iterations"]) == iterations
    assert TrainingConfig(model, **sections["training"]) == training
    assert list(sections) == ["model", "training", "execution", "iterations"]


@pytest.mark.parametrize("number", [None, 511, 512, 513])
def test_a_set_and_an_unset_number_of_groups_are_saved(tmp_path: Path, number: int | None) -> None:
    path = tmp_path / "config.yaml"
    save_settings(path, {"training": TrainingConfig(ModelConfig(), n_groups=number)}, {"command": "train"})
    sections, _ = load_settings(path)
    assert TrainingConfig(ModelConfig(), **sections["training"]).chosen_groups == number


def test_relative_paths_are_written_as_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_settings("config.yaml", {"training": TrainingConfig(ModelConfig(), train_data_file=Path("scan.npz"))})
    sections, _ = load_settings("config.yaml")
    assert sections["training"]["train_data_file"] == tmp_path / "scan.npz"


def test_n_groups_512_in_a_file_of_the_first_release_means_the_whole_scan(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("training: {n_groups: 512, train_data_file: sim.npz}\nexecution: {pad_eval: false}\n")
    sections, unknown = load_settings(path)
    assert unknown == []
    assert sections["training"] == {"n_groups": None, "train_data_file": Path("sim.npz")}
    path.write_text("training: {n_groups: 300}\n")
    assert load_settings(path)[0]["training"] == {"n_groups": 300}


def test_unknown_entries_are_reported_and_skipped(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("model: {N: 32, colour: red}\nweather: {rain: 1}\n")
    sections, unknown = load_settings(path)
    assert sections == {"model": {"N": 32}}
    assert any("model.colour" in sentence for sentence in unknown)
    assert any("weather" in sentence for sentence in unknown)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        load_yaml_config(tmp_path / "absent.yaml")


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "a: [1\n"])
def test_content_other_than_a_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        load_yaml_config(path)


def test_yaml_cannot_make_objects(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: !!python/object/apply:os.system ['true']\n")
    with pytest.raises(ConfigError):
        load_yaml_config(path)
