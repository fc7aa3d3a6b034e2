"""Metadata inside data files, by the historic names (API specification, section 4.8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ptycho.config.config import ModelConfig, TrainingConfig
from ptycho.metadata import MetadataManager
from ptycho_torch.config_factory import create_training_payload
from ptychopinn.data.npz import read
from ptychopinn.errors import DataError
from ptychopinn.physics.simulate import simulate_scan


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scan with metadata that name the counts."""
    config = TrainingConfig(ModelConfig(N=16), nphotons=3e5)
    metadata = MetadataManager.create_metadata(config, "make_scan", note="a note", where=tmp_path)
    MetadataManager.save_with_metadata(tmp_path / "scan.npz", simulate_scan(16, 20, 1e5, 0), metadata)
    return tmp_path / "scan.npz"


def test_arrays_and_metadata_come_back(file: Path) -> None:
    arrays, metadata = MetadataManager.load_with_metadata(file)
    assert np.array_equal(arrays["diff3d"], simulate_scan(16, 20, 1e5, 0)["diff3d"])
    assert metadata["physics_parameters"]["nphotons"] == 3e5
    assert metadata["physics_parameters"]["N"] == 16
    assert metadata["creation_info"]["script"] == "make_scan"
    assert metadata["note"] == "a note"
    assert read(file).n_patterns == 20


def test_a_file_without_metadata_gives_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "plain.npz", a=np.arange(3))
    assert MetadataManager.load_with_metadata(tmp_path / "plain.npz")[1] is None


def test_the_factory_takes_the_counts_from_the_metadata_unless_told(file: Path, legacy_cfg: dict[str, Any]) -> None:
    stored = create_training_payload(file, file.parent, {"n_groups": 4})
    told = create_training_payload(file, file.parent, {"n_groups": 4, "nphotons": 7e4})
    assert stored.tf_training_config.nphotons == 3e5
    assert told.tf_training_config.nphotons == 7e4


def test_unusable_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz"):
        MetadataManager.load_with_metadata(tmp_path / "nothing.npz")
    np.savez(tmp_path / "bad.npz", _metadata=np.array("{"))
    with pytest.raises(DataError, match="JSON"):
        MetadataManager.load_with_metadata(tmp_path / "bad.npz")
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(DataError, match="NPZ"):
        MetadataManager.load_with_metadata(tmp_path / "text.npz")
