"""A probe from another file in place of the scan's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.workflow.events import ignore
from ptychopinn.workflow.read_scan import read_scan


@pytest.fixture
def file(tmp_path: Path) -> Path:
    npz.write(tmp_path / "scan.npz", RawData(**simulate_scan(16, 40, 1e5, 0), diff3d_units="amplitude"))
    return tmp_path / "scan.npz"


@pytest.mark.parametrize("shape", [(16, 16), (3, 16, 16)])
def test_the_probe_of_the_file_is_used_with_all_its_modes(file: Path, tmp_path: Path, shape: tuple[int, ...]) -> None:
    weights = np.linspace(1, 0.5, num=int(np.prod(shape)) // 256).reshape(*shape[:-2], 1, 1)
    probe = weights * np.exp(0.3j) * npz.read(file).probe_modes[0]
    np.savez(tmp_path / "probe.npz", probeGuess=probe)
    raw, _ = read_scan(file, ignore, probe_file=tmp_path / "probe.npz")
    assert np.allclose(raw.probe_modes, np.reshape(probe, (-1, 16, 16)))


@pytest.mark.parametrize("shape", [(8, 8), (16,), (2, 2, 16, 16)])
def test_a_probe_that_does_not_fit_is_refused(file: Path, tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.savez(tmp_path / "probe.npz", probeGuess=np.ones(shape, complex))
    with pytest.raises(DataError, match=r"probeGuess of probe\.npz has shape"):
        read_scan(file, ignore, probe_file=tmp_path / "probe.npz")


def test_a_file_without_a_probe_is_named(file: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", something=np.ones(3))
    with pytest.raises(DataError, match="no probeGuess"):
        read_scan(file, ignore, probe_file=tmp_path / "other.npz")
    with pytest.raises(MissingFileError):
        read_scan(file, ignore, probe_file=tmp_path / "nowhere.npz")
