"""The framework-free calls of ``workflows.components``, the loader and the probe."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import ptycho.params as params
from ptycho import loader, probe, tf_helper
from ptycho.config.config import ModelConfig, TrainingConfig
from ptycho.raw_data import RawData
from ptycho.workflows import components
from ptychopinn.historic.components import flipped, grouped, groups_per_epoch, prepare_job
from ptychopinn.physics.simulate import simulate_scan

N, P = 16, 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    RawData(**simulate_scan(N, P, 1e5, 0)).to_file(tmp_path / "scan.npz")
    return tmp_path / "scan.npz"


def _grouped(count: int = P, gridsize: int = 2, seed: int = 0) -> dict[str, Any]:
    return RawData(**simulate_scan(N, P, 1e5, 0)).generate_grouped_data(
        N, K=6, nsamples=count, seed=seed, gridsize=gridsize
    )


def test_load_data_takes_all_the_first_or_some_at_random_in_order(file: Path) -> None:
    whole = components.load_data(file)
    assert isinstance(whole, RawData)
    assert whole.n_patterns == P
    assert np.array_equal(components.load_data(file, n_images=7).diff3d, whole.diff3d[:7])
    some = components.load_data(file, n_images=7, n_subsample=11, subsample_seed=4)
    again = components.load_data(file, n_subsample=11, subsample_seed=4)
    assert some.n_patterns == 11
    assert np.array_equal(some.xcoords, again.xcoords)
    where = [int(np.flatnonzero(whole.xcoords == x)[0]) for x in some.xcoords]
    assert where == sorted(where)
    assert where != list(range(11))
    assert components.load_data(file, n_subsample=10 * P).n_patterns == P


def test_load_data_turns_the_coordinates_as_asked(file: Path) -> None:
    plain = components.load_data(file)
    turned = components.load_data(file, flip_x=True, swap_xy=True, coord_scale=2.0)
    assert np.array_equal(turned.xcoords, -2 * plain.ycoords)
    assert np.array_equal(turned.ycoords, 2 * plain.xcoords)
    assert np.array_equal(components.load_data(file, flip_y=True).ycoords, -plain.ycoords)


def test_the_container_keeps_the_grouped_arrays() -> None:
    data = _grouped()
    container = loader.load(lambda: data, np.ones((N, N), np.complex64), which=None, create_split=False)
    assert np.array_equal(container.X.numpy(), data["X_full"])
    assert np.allclose(container.Y.numpy(), data["Y"])
    assert np.allclose(container.Y_I.numpy(), np.abs(data["Y"]))
    assert np.array_equal(container.local_offsets, data["coords_relative"])
    assert np.array_equal(container.global_offsets, data["coords_offsets"])
    assert np.array_equal(container.nn_indices, data["nn_indices"])
    assert len(container) == P


def test_without_ground_truth_the_container_has_ones() -> None:
    data = {**_grouped(), "Y": None}
    container = loader.load(lambda: data, np.ones((N, N)), which=None, create_split=False)
    assert np.array_equal(container.Y.numpy(), np.ones_like(data["X_full"], np.complex64))


@pytest.mark.parametrize(("which", "part"), [("train", slice(0, 30)), ("test", slice(30, 40))])
def test_a_split_takes_the_leading_part_or_the_rest(which: str, part: slice) -> None:
    data = _grouped()
    container = loader.load(lambda: (data, 0.75), np.ones((N, N)), which=which, create_split=True)
    assert np.array_equal(container.X.numpy(), data["X_full"][part])
    assert np.array_equal(container.nn_indices, data["nn_indices"][part])


@pytest.mark.parametrize("key", ["X_full", "coords_relative", "nn_indices"])
def test_a_missing_key_is_named(key: str) -> None:
    data = _grouped()
    del data[key]
    with pytest.raises(KeyError, match=key):
        loader.load(lambda: data, np.ones((N, N)), which=None, create_split=False)


def test_grouping_follows_the_configuration() -> None:
    data = RawData(**simulate_scan(N, P, 1e5, 0))
    config = TrainingConfig(ModelConfig(N=N, gridsize=2), n_groups=9, neighbor_count=5, seed=3)
    assert grouped(data, config)["X_full"].shape == (9, N, N, 4)
    assert len(grouped(data, TrainingConfig(ModelConfig(N=N)))["X_full"]) == P
    more = TrainingConfig(ModelConfig(N=N, gridsize=2), n_groups=3 * P, neighbor_count=6, enable_oversampling=True)
    assert len(grouped(data, more)["X_full"]) == 3 * P
    first = TrainingConfig(ModelConfig(N=N), n_groups=5, sequential_sampling=True)
    assert grouped(data, first)["nn_indices"].ravel().tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("asked", "groups"), [(None, 700), (511, 511), (512, 512), (513, 513), (900, 900)])
def test_the_whole_scan_is_trained_on_unless_a_number_is_set(asked: int | None, groups: int) -> None:
    scan = SimpleNamespace(n_patterns=700)
    assert groups_per_epoch(scan, TrainingConfig(ModelConfig(), n_groups=asked)) == groups  # type: ignore[arg-type]


def test_flips_change_coordinates_only() -> None:
    container = loader.load(_grouped, np.ones((N, N)), which=None, create_split=False)
    turned = flipped(container, True, False, True)
    assert turned.X is container.X
    assert np.array_equal(turned.global_offsets[:, 0, 1], -container.global_offsets[:, 0, 0])
    assert np.array_equal(turned.local_offsets[:, 0, 0], container.local_offsets[:, 0, 1])
    assert flipped(container, False, False, False) is container


def test_stitching_puts_patches_where_they_belong() -> None:
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((90, 90)) + 1j * rng.standard_normal((90, 90))
    points = rng.integers(30, 60, (50, 2))
    cut = np.stack([truth[y - 8 : y + 8, x - 8 : x + 8] for x, y in points])[..., None].astype(np.complex64)
    offsets = points[:, None, :, None].astype(float)
    kept = offsets.copy()
    canvas = tf_helper.reassemble_position(cut, offsets, M=10)
    assert np.array_equal(offsets, kept)
    assert canvas.shape[0] == canvas.shape[1]
    middle = points.mean(axis=0)
    # A fractional mean spreads every patch alike, so compare where whole pixels are averaged bilinearly.
    fx, fy = middle - np.floor(middle)
    low = np.floor(middle).astype(int)
    half = canvas.shape[0] // 2
    rows = low[1] + np.arange(-half, half)
    columns = low[0] + np.arange(-half, half)
    window = truth[np.ix_(np.r_[rows, rows[-1] + 1], np.r_[columns, columns[-1] + 1])]
    expected = (1 - fy) * window[:-1] + fy * window[1:]
    expected = (1 - fx) * expected[:, :-1] + fx * expected[:, 1:]
    inner = (slice(half - 6, half + 6),) * 2
    assert np.abs(canvas[inner] - expected[inner]).max() < 0.9
    correlation = np.corrcoef(canvas[inner].ravel().real, expected[inner].ravel().real)[0, 1]
    assert correlation > 0.9


def test_one_patch_stitches_to_its_own_centre() -> None:
    patch = np.arange(256, dtype=np.float32).reshape(1, 16, 16, 1) + 1j
    canvas = tf_helper.reassemble_position(patch.astype(np.complex64), np.full((1, 1, 2, 1), 7.0), M=10)
    assert np.array_equal(canvas, patch[0, 3:13, 3:13, 0].astype(np.complex64))


def test_uncovered_pixels_are_zero_and_constants_stay() -> None:
    patches = np.full((2, 16, 16, 1), 2 + 1j, np.complex64)
    offsets = np.array([[0.0, 0.0], [30.3, 0.0]])[:, None, :, None]
    canvas = tf_helper.reassemble_position(patches, offsets, M=6)
    seen = canvas != 0
    assert 60 < seen.sum() < 100
    assert np.allclose(canvas[seen], 2 + 1j)


@pytest.mark.parametrize("shape", [(N, N), (1, N, N), (3, N, N)])
def test_a_probe_guess_is_stored_modes_last(shape: tuple[int, ...], legacy_cfg: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    guess = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    probe.set_probe_guess(None, guess)
    stored = params.cfg["probe"]
    assert stored.shape == (N, N, shape[0] if len(shape) == 3 else 1)
    assert np.iscomplexobj(stored)
    assert np.allclose(np.moveaxis(stored, -1, 0), guess.reshape(-1, N, N), atol=1e-6)


def test_without_a_guess_the_patterns_give_one(legacy_cfg: dict[str, Any]) -> None:
    probe.set_probe_guess(_grouped(gridsize=1)["X_full"])
    stored = params.cfg["probe"][..., 0]
    energy = np.abs(stored) ** 2
    assert energy[N // 4 : -N // 4, N // 4 : -N // 4].sum() > 0.5 * energy.sum()


def test_without_anything_the_probe_is_a_centred_disk(legacy_cfg: dict[str, Any]) -> None:
    params.cfg["N"], params.cfg["default_probe_scale"] = 33, 0.7
    probe.set_probe_guess()
    stored = np.abs(params.cfg["probe"][..., 0])
    assert stored.shape == (33, 33)
    assert np.allclose(stored, stored[::-1, ::-1])
    assert stored.sum() == pytest.approx(np.pi * (0.7 * 33 / 4) ** 2, rel=0.05)


def test_a_probe_guess_that_is_not_square_is_refused(legacy_cfg: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="probe guess"):
        probe.set_probe_guess(None, np.ones((16, 12), complex))


def test_settings_come_from_a_file_and_flags_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, legacy_cfg: dict[str, Any]
) -> None:
    (tmp_path / "run.yaml").write_text("model:\n  N: 32\n  gridsize: 2\nnepochs: 7\noutput_dir: here\n")
    monkeypatch.setattr(sys, "argv", ["run", "--nepochs", "9", "--no-object_big", "--nphotons", "2e4"])
    config = components.setup_configuration(components.parse_arguments(), tmp_path / "run.yaml")
    assert (config.model.N, config.model.gridsize, config.nepochs) == (32, 2, 9)
    assert config.output_dir == Path("here")
    assert config.model.object_big is False
    assert config.nphotons == 2e4
    assert params.cfg["nepochs"] == 9
    (tmp_path / "bad.yaml").write_text("epochs: 3\n")
    with pytest.raises(ValueError, match="epochs"):
        components.setup_configuration(components.parse_arguments(), tmp_path / "bad.yaml")


@pytest.mark.parametrize("gridsize", [1, 2])
def test_a_single_group_of_a_scan_means_the_whole_scan(gridsize: int, caplog: pytest.LogCaptureFixture) -> None:
    scan = RawData(**simulate_scan(N, P, 1e5, 0))
    data = scan.generate_grouped_data(N, K=7, nsamples=1, gridsize=gridsize)
    assert data["X_full"].shape == (1, N, N, gridsize**2)
    with caplog.at_level("INFO", logger="ptychopinn"):
        container = loader.load(lambda: data, scan.probeGuess, which=None, create_split=False)
    assert container.X.shape == (P, N, N, gridsize**2)
    assert sorted(container.nn_indices[:, 0]) == list(range(P))
    assert f"all {P} positions" in caplog.text


def test_the_object_of_a_whole_scan_is_centred_on_its_bounding_box() -> None:
    arrays = simulate_scan(N, P, 1e5, 0)
    # Most positions crowd at one side, so that mean and middle differ.
    arrays["xcoords"] = arrays["xcoords"].min() + (arrays["xcoords"] - arrays["xcoords"].min()) ** 2 / 2
    scan = RawData(**arrays)
    data = scan.generate_grouped_data(N, nsamples=1, gridsize=1)
    container = loader.load(lambda: data, scan.probeGuess, which=None, create_split=False)
    patches = np.zeros((P, N, N, 1), np.complex64)
    first = int(np.argmax(scan.xcoords))
    patches[first] = 1
    canvas = tf_helper.reassemble_position(patches, container.global_offsets, M=2)
    columns = np.nonzero(np.abs(canvas) > 0.3)[1]
    middle = (scan.xcoords.min() + scan.xcoords.max()) / 2
    assert columns.mean() == pytest.approx(canvas.shape[1] // 2 + scan.xcoords[first] - middle, abs=1.0)
    assert abs(scan.xcoords.mean() - middle) > 3


def test_what_is_wrong_is_told_once_in_the_log_that_a_host_shows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        RawData.from_file(tmp_path / "nowhere.npz")
    told = [record for record in caplog.records if record.name == "ptychopinn"]
    assert [(record.levelname, record.message) for record in told] == [("ERROR", str(caught.value))]


@pytest.mark.parametrize("data", [None, "scan.npz", 3])
def test_what_is_no_scan_is_refused_by_name(data: Any) -> None:
    with pytest.raises(ValueError, match=r"train_data is a \w+; expected a RawData"):
        prepare_job(data, None, TrainingConfig(ModelConfig()), None, logging.getLogger())
