"""Settings files: round trip, unknown entries, unreadable content."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.yaml_file import load_settings, load_yaml_config, save_settings
from ptychopinn.errors import ConfigError


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    model = ModelConfig(gridsize=3, probe_scale=2.5)
    training = TrainingConfig(model, train_data_file=Path("a/b.npz"), max_minutes=1.5)
    execution = PyTorchExecutionConfig(learning_rate=3e-4)
    path = tmp_path / "config.yaml"
    save_settings(path, {"model": model, "training": training, "execution": execution})
    sections, unknown = load_settings(path)
    assert unknown == []
    assert ModelConfig(**sections["model"]) == model
    assert PyTorchExecutionConfig(**sections["execution"]) == execution
    values = {**sections["training"], "train_data_file": Path(sections["training"]["train_data_file"])}
    values["output_dir"] = Path(values["output_dir"])
    assert TrainingConfig(model, **values) == training


def test_unknown_entries_are_reported_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("model: {N: 32, colour: red}\nweather: {rain: 1}\n")
    sections, unknown = load_settings(path)
    assert sections == {"model": {"N": 32}}
    assert any("model.colour" in sentence for sentence in unknown)
    assert any("weather" in sentence for sentence in unknown)


def test_an_absent_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        load_yaml_config(tmp_path / "absent.yaml")


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "a: [1\n"])
def test_content_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        load_yaml_config(path)


def test_yaml_cannot_make_objects(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: !!python/object/apply:os.system ['true']\n")
    with pytest.raises(ConfigError):
        load_yaml_config(path)
