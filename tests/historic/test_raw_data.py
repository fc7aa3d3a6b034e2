"""The grouping call of the API specification, section 4.3, through the historic import name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ptycho.params as params
from ptycho.raw_data import RawData, normalize_data
from ptychopinn.config.model import ModelConfig
from ptychopinn.data import raw_data
from ptychopinn.errors import DataError

N, P = 16, 61


pytestmark = pytest.mark.usefixtures("legacy_cfg")


@pytest.fixture
def raw() -> RawData:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(10, 50, P), rng.uniform(12, 70, P)
    amplitude = rng.gamma(2.0, 3.0, (P, N, N)).astype(np.float32)
    probe = rng.standard_normal((N, N)) + 1j * rng.standard_normal((N, N))
    obj = (rng.standard_normal((82, 60)) + 1j * rng.standard_normal((82, 60))).astype(np.complex64)
    return RawData(x, y, x + 0.1, y - 0.2, amplitude, probe, np.zeros(P, int), obj)


@pytest.mark.parametrize(("gridsize", "count"), [(1, 7), (2, 13)])
def test_shapes_and_types_are_those_of_the_specification(raw: RawData, gridsize: int, count: int) -> None:
    grouped = raw.generate_grouped_data(N, K=7, nsamples=count, seed=1, gridsize=gridsize)
    members = gridsize**2
    for key in ("diffraction", "X_full", "Y"):
        assert grouped[key].shape == (count, N, N, members)
    assert grouped["X_full"].dtype == np.float32
    assert grouped["Y"].dtype.kind == "c"
    for key in ("coords_nn", "coords_relative", "local_offsets", "coords_start_nn", "coords_start_relative"):
        assert grouped[key].shape == (count, 1, 2, members)
        assert grouped[key].dtype == np.float64
    for key in ("coords_offsets", "coords_start_offsets"):
        assert grouped[key].shape == (count, 1, 2, 1)
    assert grouped["nn_indices"].shape == (count, members)


def test_channels_coordinates_and_patches_belong_together(raw: RawData) -> None:
    grouped = raw.generate_grouped_data(N, K=7, nsamples=11, seed=2, gridsize=2)
    for group in range(11):
        for channel, index in enumerate(grouped["nn_indices"][group]):
            assert np.allclose(grouped["diffraction"][group, :, :, channel], raw.diff3d[index])
            assert np.allclose(grouped["coords_nn"][group, 0, :, channel], [raw.xcoords[index], raw.ycoords[index]])
            row, column = round(raw.ycoords[index]) - N // 2, round(raw.xcoords[index]) - N // 2
            patch = grouped["Y"][group, :, :, channel]
            inner = raw.objectGuess[max(row, 0) : row + N, max(column, 0) : column + N]
            assert np.allclose(patch[max(-row, 0) :, max(-column, 0) :][: len(inner), : inner.shape[1]], inner)


def test_relative_coordinates_point_to_the_centre_and_sum_to_zero(raw: RawData) -> None:
    grouped = raw.generate_grouped_data(N, K=9, nsamples=9, seed=0, gridsize=2)
    assert np.allclose(grouped["coords_relative"].sum(axis=3), 0, atol=1e-9)
    assert np.allclose(grouped["coords_offsets"] - grouped["coords_relative"], grouped["coords_nn"])
    assert grouped["local_offsets"] is grouped["coords_relative"]


def test_x_full_has_the_mean_intensity_of_half_n_squared_whatever_the_scale(raw: RawData) -> None:
    x_full = raw.generate_grouped_data(N, nsamples=P, seed=0, gridsize=1)["X_full"]
    assert np.mean(np.sum(x_full.astype(float) ** 2, axis=(1, 2))) == pytest.approx((N / 2) ** 2, rel=1e-5)
    brighter = RawData.from_coords_without_pc(
        raw.xcoords, raw.ycoords, 7 * raw.diff3d, raw.probeGuess, raw.scan_index
    ).generate_grouped_data(N, nsamples=P, seed=0, gridsize=1)
    assert np.allclose(brighter["X_full"], x_full, rtol=1e-5)
    assert brighter["Y"] is None


def test_counts_become_amplitudes_without_overflow(raw: RawData) -> None:
    counts = np.full((P, N, N), 60000, np.uint16)
    scan = RawData.from_coords_without_pc(raw.xcoords, raw.ycoords, counts, raw.probeGuess, raw.scan_index)
    grouped = scan.generate_grouped_data(N, nsamples=3, seed=0, gridsize=1)
    assert np.allclose(grouped["diffraction"], np.sqrt(60000))
    assert scan.diff3d is counts


def test_gridsize_comes_from_the_global_dictionary_unless_given(raw: RawData) -> None:
    params.cfg["gridsize"] = 2
    assert raw.generate_grouped_data(N, nsamples=4, seed=0)["nn_indices"].shape == (4, 4)
    assert raw.generate_grouped_data(N, nsamples=4, seed=0, gridsize=1)["nn_indices"].shape == (4, 1)


def test_sequential_takes_the_first_points_and_ignores_the_seed(raw: RawData) -> None:
    first = raw.generate_grouped_data(N, nsamples=5, seed=1, sequential_sampling=True, gridsize=1)["nn_indices"]
    other = raw.generate_grouped_data(N, nsamples=5, seed=2, sequential_sampling=True, gridsize=1)["nn_indices"]
    assert first[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(first, other)


def test_more_groups_than_points_are_capped_or_refused(raw: RawData) -> None:
    grouped = raw.generate_grouped_data(N, nsamples=10 * P, seed=0, gridsize=1)
    assert sorted(grouped["nn_indices"][:, 0]) == list(range(P))
    with pytest.raises(ValueError, match=r"OVERSAMPLING-001.*enable_oversampling.*K choose C oversampling"):
        raw.generate_grouped_data(N, nsamples=P + 1, seed=0, gridsize=2)


def test_a_wrong_pattern_size_is_refused(raw: RawData) -> None:
    with pytest.raises(ValueError, match="N is 32"):
        raw.generate_grouped_data(32, nsamples=1, gridsize=1)


def test_a_file_opens_with_the_grouping_call(raw: RawData, tmp_path: Path) -> None:
    path = tmp_path / "scan.npz"
    raw.to_file(path)
    assert RawData.from_file(str(path)).generate_grouped_data(N, nsamples=2, gridsize=1)["X_full"].shape[0] == 2


def test_normalize_data_is_the_same_scaling(raw: RawData) -> None:
    grouped = raw.generate_grouped_data(N, nsamples=8, seed=0, gridsize=1)
    assert np.array_equal(normalize_data(grouped, N), grouped["X_full"])


def test_the_pattern_size_of_a_file_is_compared_with_the_configuration(tmp_path: Path, raw: RawData) -> None:
    raw.to_file(tmp_path / "scan.npz")
    assert RawData.from_file(tmp_path / "scan.npz", current_config=ModelConfig(N=64)).pattern_size == N
    with pytest.raises(DataError, match=f"{N} pixels wide; expected N = 64"):
        RawData.from_file(tmp_path / "scan.npz", validate_config=True, current_config=ModelConfig(N=64))


def test_a_part_of_a_scan_groups_its_patterns_too(raw: RawData) -> None:
    assert isinstance(raw.take(np.arange(9)), RawData)
    again = RawData.from_scan(raw_data.RawData(raw.xcoords, raw.ycoords, None, None, raw.diff3d, raw.probeGuess, None))
    assert again.diff3d is raw.diff3d and RawData.from_scan(again) is again
    assert len(again.generate_grouped_data(N, nsamples=2, gridsize=1)["nn_indices"]) == 2
