"""A probe from another file in place of the scan's own."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from builders import raw_scan
from ptychopinn.cli.main import main
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data import npz
from ptychopinn.data.checks import inspect
from ptychopinn.data.read_scan import read_scan
from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.events import ignore
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.workflow.quality_report import quality_report
from ptychopinn.workflow.quick_look import quick_look
from ptychopinn.workflow.refine import refine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    npz.write(tmp_path / "scan.npz", raw_scan(16, 40, 1e5, 0))
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


def without_probe(folder: Path, kind: str) -> Path:
    """A scan of 40 patterns of 16 pixels that has no probe."""
    arrays = simulate_scan(16, 40, 1e5, 0)
    path = folder / f"bare.{kind}"
    if kind == "npz":
        np.savez(path, **{key: value for key, value in arrays.items() if key != "probeGuess"})
        return path
    metres = np.stack([arrays["xcoords"], arrays["ycoords"], 0 * arrays["xcoords"]], axis=1) * 1e-8
    with h5py.File(path, "w") as file:
        file["entry_1/data_1/data"] = np.square(arrays["diff3d"])
        file["entry_1/sample_1/geometry_1/translation"] = metres
        file["entry_1/instrument_1/source_1/energy"] = 1.98644586e-25 / 1e-10
        file["entry_1/instrument_1/detector_1/distance"] = 1.0
        file["entry_1/instrument_1/detector_1/x_pixel_size"] = 1e-10 / (16 * 1e-8)
    return path


@pytest.mark.parametrize("kind", ["npz", "cxi"])
def test_a_scan_without_a_probe_is_read_with_the_probe_file(file: Path, tmp_path: Path, kind: str) -> None:
    bare, probe = without_probe(tmp_path, kind), npz.read(file).probe_modes
    np.savez(tmp_path / "probe.npz", probeGuess=probe)
    for fixes in ((), ("non_finite",)):
        raw, _ = read_scan(bare, ignore, probe_file=tmp_path / "probe.npz", fixes=fixes)
        assert np.allclose(raw.probe_modes, probe)


@pytest.mark.parametrize("kind", ["npz", "cxi"])
def test_without_a_probe_the_error_and_the_check_name_the_remedy(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = without_probe(tmp_path, kind)
    assert "probe_missing" in [finding.code for finding in inspect(bare).findings]
    assert main(["train", str(bare), "--output", str(tmp_path / "run"), "--quiet"]) == 2
    error = capsys.readouterr().err
    assert f"bare.{kind} has no probeGuess" in error and "--probe-file" in error


def test_the_probe_of_a_result_serves_a_scan_without_a_probe(file: Path, tmp_path: Path) -> None:
    found = quick_look(file, tmp_path / "quick", IterativeConfig(sweeps=2)).run_dir
    bare = without_probe(tmp_path, "npz")
    better = refine(found, bare, tmp_path / "better", IterativeConfig(sweeps=2))
    npz.write(tmp_path / "other.npz", raw_scan(32, 40, 1e5, 0))
    with np.load(tmp_path / "other.npz") as arrays:
        np.savez(tmp_path / "wide.npz", **{key: value for key, value in arrays.items() if key != "probeGuess"})
    with pytest.raises(DataError, match=r"reconstruction's probe is 16 px.*wide\.npz are 32 px.*Choose the scan"):
        refine(found, tmp_path / "wide.npz", tmp_path / "none", IterativeConfig(sweeps=2))
    judged = quality_report(better.run_dir, bare, split_half=False, flat_start=False)
    assert judged.r_factor == pytest.approx(better.r_factor, rel=1e-3)
