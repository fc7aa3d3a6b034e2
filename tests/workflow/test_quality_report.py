"""The quality report: its figures, its files, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builders import raw_scan
from ptychopinn.cli.main import main
from ptychopinn.cli.report import report_text
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError, JobCancelled
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.product import npz as objects
from ptychopinn.product.product import Product
from ptychopinn.workflow.quality_report import quality_report
from ptychopinn.workflow.quick_look import quick_look
from ptychopinn.workflow.refine import refine
from ptychopinn.workflow.report_page import _lines

N = 24
# Ends above the noise floor, which the default method falls below on so small a scan.
SLOW = IterativeConfig(sweeps=20, method="rPIE", free_fraction=0)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "scan.npz"
    npz.write(path, raw_scan(N, 150, 1e6, 1, step_px=2.0))
    return path


@pytest.fixture(scope="module")
def result(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quick_look(file, tmp_path_factory.mktemp("result"), SLOW).run_dir


def test_a_report_has_figures_arrays_and_a_page(file: Path, result: Path, tmp_path: Path) -> None:
    found = quality_report(result, file, tmp_path)
    assert found.noise_floor < found.r_factor < 3 * found.noise_floor
    assert found.r_median <= found.r_p95 <= found.r_worst
    assert found.truth_px is not None and found.split_half_px is not None
    assert 1 <= found.truth_px <= found.split_half_px < 8
    assert found.metrics["phase_psnr_db"] > 15
    assert found.flat is None
    assert 0 < found.lit_fraction <= 1
    told = json.loads(found.json_path.read_text())
    assert told["r_factor"] == pytest.approx(found.r_factor)
    with np.load(found.arrays_path) as arrays:
        assert arrays["r_per_pattern"].shape == (150,)
        assert int(arrays["r_per_pattern"].argmax()) == found.worst_pattern
        assert arrays["frc_split_half"].shape == arrays["frc_split_half_cycles_per_px"].shape
    with Image.open(found.page_path) as page:
        assert min(page.size) > 600


@pytest.mark.parametrize(("better", "word"), [(True, "better"), (False, "needs no network")])
def test_the_report_says_whether_the_network_helped(
    file: Path, result: Path, tmp_path: Path, better: bool, word: str
) -> None:
    product = objects.read(result / "object.npz")
    if not better:
        product = replace(product, object_=np.ones_like(product.object_))
    objects.write(tmp_path / "object.npz", product)
    told = {"model": "wts.h5.zip", "refine_sweeps": 2}
    (tmp_path / "report.json").write_text(json.dumps(told))
    found = quality_report(tmp_path, file, split_half=False)
    assert found.flat_start_r is not None and found.flat_start is not None
    assert (found.r_factor < found.flat_start_r) is better
    assert "after 2 sweeps from an empty object" in found.flat_start
    assert word in found.flat_start


@pytest.mark.parametrize("at_floor", [True, False])
def test_the_report_says_if_no_result_is_near_the_noise_floor(
    file: Path, result: Path, tmp_path: Path, at_floor: bool
) -> None:
    product = objects.read(result / "object.npz")
    if at_floor:
        scan = simulate_scan(N, 150, 1e6, 1, step_px=2.0)
        positions = np.stack([scan["ycoords"], scan["xcoords"]], axis=1)
        product = Product(scan["objectGuess"], scan["probeGuess"][None], positions)
    objects.write(tmp_path / "object.npz", product)
    (tmp_path / "report.json").write_text(json.dumps({"model": "wts.h5.zip", "refine_sweeps": 2}))
    found = quality_report(tmp_path, file, split_half=False)
    assert (found.r_factor < 1.05 * found.noise_floor) is at_floor
    assert found.flat_start is not None
    assert ("Neither R is within 5% of the noise floor" in found.flat_start) is not at_floor


def test_an_object_without_a_network_is_not_compared_with_itself(file: Path, result: Path, tmp_path: Path) -> None:
    assert quality_report(result, file, tmp_path, split_half=False).flat_start is None


def test_an_object_refined_without_a_network_is_not_compared_either(file: Path, result: Path, tmp_path: Path) -> None:
    before = json.loads((result / "report.json").read_text())["sweeps"]
    better = refine(result, file, tmp_path / "better", IterativeConfig(sweeps=200, update_probe=False))
    assert better.seconds > 0
    told = json.loads(better.report_path.read_text())
    assert told["refine_sweeps"] == 200
    # What was done is told, not what was allowed.
    assert before < told["sweeps"] < before + 200
    assert quality_report(better.run_dir, file, split_half=False).flat_start is None
    again = refine(better.run_dir, file, tmp_path / "again", IterativeConfig(sweeps=2))
    assert quality_report(again.run_dir, file, split_half=False).flat_start is None


def test_a_network_is_compared_with_the_actual_number_of_sweeps(file: Path, result: Path, tmp_path: Path) -> None:
    objects.write(tmp_path / "object.npz", objects.read(result / "object.npz"))
    told = {"model": "wts.h5.zip", "refine_sweeps": 20, "sweeps": 3}
    (tmp_path / "report.json").write_text(json.dumps(told))
    found = quality_report(tmp_path, file, split_half=False)
    assert found.flat_start is not None and "after 3 sweeps from an empty object" in found.flat_start


def test_r_below_the_noise_floor_decides_nothing(tmp_path: Path) -> None:
    scan = simulate_scan(N, 150, 1400, 1, step_px=2.0)
    npz.write(tmp_path / "dim.npz", RawData(**scan, diff3d_units="amplitude"))
    quick = quick_look(tmp_path / "dim.npz", tmp_path / "quick", IterativeConfig(sweeps=10))
    assert any("fits the noise" in text for text in quick.notices)
    # The truth explains the counts as well as the noise lets it, and must not be called worse.
    positions = np.stack([scan["ycoords"], scan["xcoords"]], axis=1)
    objects.write(tmp_path / "object.npz", Product(scan["objectGuess"], scan["probeGuess"][None], positions))
    found = quality_report(tmp_path / "object.npz", tmp_path / "dim.npz", split_half=False)
    assert found.flat_start_r is not None and found.flat_start_r < found.r_factor
    assert found.flat_start is not None and "below the noise floor" in found.flat_start


def test_only_the_known_part_of_the_object_is_judged(file: Path, result: Path, tmp_path: Path) -> None:
    truth = np.load(result / "object.npz")["objectGuess"]
    np.savez(tmp_path / "part.npz", objectGuess=truth[: len(truth) // 2, :])
    found = quality_report(result, file, tmp_path, reference=tmp_path / "part.npz", split_half=False)
    assert found.truth_px == 1
    assert found.metrics["phase_psnr_db"] > 60


def test_the_truth_of_a_scan_with_negative_positions_is_found_at_its_place(tmp_path: Path) -> None:
    scan = simulate_scan(N, 150, 1e6, 1, step_px=2.0)
    cut = N // 2 + 2
    moved = {key: scan[key] - cut for key in ("xcoords", "ycoords")}
    known = scan["objectGuess"][cut:, cut:]
    npz.write(tmp_path / "scan.npz", RawData(**scan | moved | {"objectGuess": known}, diff3d_units="amplitude"))
    found = quick_look(tmp_path / "scan.npz", tmp_path / "quick", IterativeConfig(sweeps=20))
    judged = quality_report(found.run_dir, tmp_path / "scan.npz", split_half=False)
    assert found.metrics["phase_psnr_db"] > 15
    assert judged.metrics["phase_psnr_db"] == pytest.approx(found.metrics["phase_psnr_db"], abs=0.5)


def test_holes_in_the_known_object_do_not_count(file: Path, result: Path, tmp_path: Path) -> None:
    truth = np.load(result / "object.npz")["objectGuess"]
    truth[len(truth) // 2, 30:34] = np.nan
    np.savez(tmp_path / "holed.npz", objectGuess=truth)
    found = quality_report(result, file, tmp_path, reference=tmp_path / "holed.npz", split_half=False)
    assert found.truth_px == 1
    assert found.metrics["phase_psnr_db"] > 60


def test_a_known_object_outside_the_lit_area_does_not_count(file: Path, tmp_path: Path) -> None:
    raw = npz.read(file)
    raw.objectGuess = raw.objectGuess[:3, :3]
    npz.write(tmp_path / "scan.npz", raw)
    quick = quick_look(tmp_path / "scan.npz", tmp_path / "quick", IterativeConfig(sweeps=2))
    assert quick.metrics == {}
    assert quality_report(quick.run_dir, tmp_path / "scan.npz", split_half=False).metrics == {}


def test_a_damaged_pattern_is_the_worst_pattern(file: Path, result: Path, tmp_path: Path) -> None:
    raw = npz.read(file)
    raw.diff3d[37] = raw.diff3d[37][::-1]
    npz.write(tmp_path / "damaged.npz", raw)
    assert quality_report(result, tmp_path / "damaged.npz", tmp_path, split_half=False).worst_pattern == 37


def test_a_flat_object_is_reported_and_a_flat_truth_is_ignored(file: Path, tmp_path: Path) -> None:
    raw = npz.read(file)
    raw.objectGuess = np.ones_like(raw.objectGuess)
    npz.write(tmp_path / "scan.npz", raw)
    positions = raw.positions_px
    objects.write(tmp_path / "object.npz", Product(np.ones((90, 90)), raw.probe_modes, positions))
    found = quality_report(tmp_path / "object.npz", tmp_path / "scan.npz", split_half=False)
    assert found.flat is not None
    assert found.truth_px is None
    assert found.metrics == {}
    assert found.folder == tmp_path


def test_the_words_of_the_page_end_before_its_edge(file: Path, result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "object.npz"
    copy.write_bytes((result / "object.npz").read_bytes())
    (tmp_path / "report.json").write_text(json.dumps({"model": "wts.h5.zip", "refine_sweeps": 2}))
    found = quality_report(copy, file, split_half=False)
    assert found.flat_start is not None and "the assessed result is better" in found.flat_start
    with Image.open(found.page_path) as page:
        assert (np.asarray(page.convert("L"))[:, -4:] == 255).all()


def test_a_reference_file_is_the_truth(file: Path, result: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "truth.npz", objectGuess=np.load(result / "object.npz")["objectGuess"])
    found = quality_report(result, file, tmp_path, reference=tmp_path / "truth.npz", split_half=False)
    assert found.truth_px == 1
    assert "FRC against ground truth: 1 px or finer" in report_text(found)
    assert any(line.endswith("1 px or finer") for line in _lines(vars(found)))
    assert found.metrics["phase_ssim"] > 0.99
    np.savez(tmp_path / "other.npz", probeGuess=np.ones((4, 4)))
    with pytest.raises(DataError, match="no objectGuess"):
        quality_report(result, file, tmp_path, reference=tmp_path / "other.npz", split_half=False)


@pytest.mark.parametrize("known", [np.ones(5, complex), np.full((90, 90), np.nan + 0j)])
def test_a_reference_without_an_object_is_refused(file: Path, result: Path, tmp_path: Path, known: np.ndarray) -> None:
    np.savez(tmp_path / "truth.npz", objectGuess=known)
    with pytest.raises(DataError, match=r"objectGuess in truth\.npz"):
        quality_report(result, file, tmp_path, reference=tmp_path / "truth.npz", split_half=False, flat_start=False)


def test_a_scan_with_patterns_of_another_size_is_refused(file: Path, result: Path, tmp_path: Path) -> None:
    raw = npz.read(file)
    raw.diff3d, raw.probeGuess = raw.diff3d[:, 2:-2, 2:-2], raw.probe_modes[:, 2:-2, 2:-2]
    npz.write(tmp_path / "cropped.npz", raw)
    with pytest.raises(DataError, match=f"patterns of {N - 4} px"):
        quality_report(result, tmp_path / "cropped.npz", tmp_path / "out")


def test_another_scan_is_refused_and_a_stop_writes_nothing(file: Path, result: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    npz.write(other, raw_scan(N, 60, 1e6, 2))
    with pytest.raises(DataError, match="150 positions"):
        quality_report(result, other, tmp_path / "out")
    with pytest.raises(JobCancelled):
        quality_report(result, file, tmp_path / "out", should_stop=lambda: True)
    assert not (tmp_path / "out").exists()


def test_the_command_line_goes_from_a_file_to_a_report(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick, better, probe = tmp_path / "quick", tmp_path / "better", tmp_path / "probe"
    assert main(["quicklook", str(file), "--output", str(quick), "--sweeps", "3", "--quiet", "--json"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[-1])["result"]["r_factor"]
    assert main(["refine", str(quick), str(file), "--output", str(better), "--sweeps", "6", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["result"]["r_factor"] < first
    assert main(["calibrate", str(file), "--output", str(probe), "--sweeps", "4", "--modes", "2"]) == 0
    assert "Power of the modes" in capsys.readouterr().out
    assert main(["report", str(better), str(file), "--no-split-half"]) == 0
    assert "noise floor" in capsys.readouterr().out
    assert (better / "quality.png").is_file()
    assert main(["reconstruct", "model", str(file), "--modes", "2"]) == 2
    assert "--modes without --refine" in capsys.readouterr().err
