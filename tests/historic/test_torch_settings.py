"""Every torch setting whose name promises an effect has one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ptychopinn.config.model import ModelConfig as CanonicalModel
from ptychopinn.config.training import TrainingConfig as CanonicalTraining
from ptychopinn.errors import ConfigError
from ptychopinn.historic.raw_data import RawData
from ptychopinn.historic.torch.api.base_api import ConfigManager, PtychoDataLoader, PtychoModel, Trainer
from ptychopinn.historic.torch.config_params import DataConfig, InferenceConfig, ModelConfig, TrainingConfig
from ptychopinn.historic.torch.neighbour_groups import draw_groups, inside_bounds
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.historic.torch.scan_data import ScanBatch, prepared_probe, without_ramp
from ptychopinn.historic.torch.scan_prediction import edge_window, predict_scan
from ptychopinn.physics.simulate import simulate_scan

N = 16
PLAIN = ModelConfig(
    n_filters_scale=1,
    cbam_encoder=False,
    edge_pad=0,
    decoder_last_c_outer_fraction=0.0,
    decoder_last_amp_channels=4,
)
DATA = DataConfig(N=N, n_subsample=2)


def module(model: ModelConfig = PLAIN, data: DataConfig = DATA, **training: Any) -> PtychoPINN_Lightning:
    torch.manual_seed(0)
    made = PtychoPINN_Lightning(model, data, TrainingConfig(**training), InferenceConfig())
    made.set_probe(torch.randn(1, N, N, dtype=torch.complex64))
    made.shape = (32, 32)
    return made


def batch(groups: int = 2) -> ScanBatch:
    generator = torch.Generator().manual_seed(1)
    amplitude = torch.rand(groups, 4, N, N, generator=generator) * 2
    offsets = 3 * torch.randn(groups, 4, 2, generator=generator)
    truth = torch.randn(groups, 32, 32, generator=generator, dtype=torch.complex64)
    return ScanBatch(amplitude, offsets, truth, torch.zeros(0, N, N, dtype=torch.complex64))


def raw(positions: int = 40, **options: Any) -> RawData:
    return RawData(**simulate_scan(N, positions, 1e5, 2, step_px=2.0, **options))


def canvas(made: PtychoPINN_Lightning) -> torch.Tensor:
    given = batch()
    with torch.no_grad():
        return made.train().network(given.amplitude, given.offsets_px, (32, 32)).canvas


@pytest.mark.parametrize(
    "change",
    [
        {"n_filters_scale": 2},
        {"amp_activation": "sigmoid"},
        {"batch_norm": True},
        {"probe_mask": torch.eye(N)},
        {"probe_mask": True},
        {"edge_pad": 3},
        {"decoder_last_c_outer_fraction": 0.25},
        {"decoder_last_amp_channels": 1},
        {"use_shared_decoder": True},
        {"eca_encoder": True},
        {"cbam_encoder": True},
        {"cbam_bottleneck": True},
        {"cbam_decoder": True},
        {"eca_decoder": True},
        {"spatial_decoder": True},
        {"object_big": False},
        {"probe_big": False},
        {"pad_object": False},
    ],
    ids=str,
)
def test_a_network_setting_changes_the_object(change: dict[str, Any]) -> None:
    assert not torch.allclose(canvas(module()), canvas(module(replace(PLAIN, **change))), atol=1e-5)


@pytest.mark.parametrize("kernel", [3, 4, 9])
def test_the_kernel_of_the_spatial_attention_has_its_size(kernel: int) -> None:
    made = module(replace(PLAIN, spatial_decoder=True, decoder_spatial_kernel=kernel))
    sizes = {part.kernel_size for part in made.modules() if isinstance(part, torch.nn.Conv2d) and part.in_channels == 2}
    assert sizes == {(kernel + 1 - kernel % 2,) * 2}


@pytest.mark.parametrize("change", [{"normalize": "Group"}, {"data_scaling": "Max"}], ids=str)
def test_an_input_setting_changes_the_object(change: dict[str, Any]) -> None:
    assert not torch.allclose(canvas(module()), canvas(module(data=replace(DATA, **change))), atol=1e-5)


def test_a_group_normalised_input_forgets_its_brightness() -> None:
    given, made = batch(), module(data=replace(DATA, normalize="Group")).eval()
    bright = made.network(3 * given.amplitude, given.offsets_px, (32, 32)).canvas
    assert torch.allclose(bright, made.network(given.amplitude, given.offsets_px, (32, 32)).canvas, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"loss_function": "MAE"},
        {"amp_loss": "Total_Variation"},
        {"amp_loss": "Mean_Deviation"},
        {"phase_loss": "Total_Variation"},
        {"phase_loss": "Mean_Deviation"},
        {"amplitude_variance_loss": True, "amplitude_variance_coeff": 10.0},
        {"mode": "Supervised"},
        {"gaussian_smoothing_sigma": 1.0},
    ],
    ids=str,
)
def test_a_loss_setting_changes_the_loss(change: dict[str, Any]) -> None:
    plain, other = (float(module(model).loss(batch()).detach()) for model in (PLAIN, replace(PLAIN, **change)))
    assert plain != pytest.approx(other, rel=1e-6)


@pytest.mark.parametrize(
    ("switch", "coefficient"),
    [
        ({"amp_loss": "Total_Variation"}, "amp_loss_coeff"),
        ({"phase_loss": "Total_Variation"}, "phase_loss_coeff"),
        ({"amplitude_variance_loss": True}, "amplitude_variance_coeff"),
    ],
    ids=str,
)
def test_a_coefficient_multiplies_its_penalty(switch: dict[str, Any], coefficient: str) -> None:
    def loss(**change: Any) -> float:
        return float(module(replace(PLAIN, **change)).loss(batch()).detach())

    once, twice = (loss(**switch, **{coefficient: value}) - loss() for value in (1.0, 2.0))
    assert twice == pytest.approx(2 * once, rel=1e-3)


def test_the_probe_learns_near_its_guess_when_a_coefficient_holds_it() -> None:
    held = module(replace(PLAIN, probe_reference_coeff=5.0))
    assert held.network.probe_parts.requires_grad and not module().network.probe_parts.requires_grad
    at_guess = held.loss(batch())
    held.network.probe_parts.data += 0.1
    free = module(replace(PLAIN, probe_reference_coeff=1e-9))
    free.network.probe_parts.data += 0.1
    assert held.loss(batch()) - free.loss(batch()) > 1e-3
    at_guess.backward()
    assert held.network.probe_parts.grad is not None


def test_a_known_object_is_compared_without_its_mean_phase() -> None:
    supervised = replace(PLAIN, mode="Supervised")
    for subtracted in (True, False):
        made = module(supervised, replace(DATA, phase_subtraction=subtracted)).eval()
        given = batch()
        plain = float(made.loss(given).detach())
        turned = float(made.loss(given._replace(truth=given.truth * 1j)).detach())
        assert (plain == pytest.approx(turned, rel=1e-5)) is subtracted


def test_words_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="amp_loss"):
        module(replace(PLAIN, amp_loss="Sum")).loss(batch())
    for change in ({"normalize": "Pixel"}, {"data_scaling": "Mean"}):
        with pytest.raises(ConfigError, match=next(iter(change))):
            module(data=replace(DATA, **change))
    for change in ({"neighbor_function": "Random"}, {"scan_pattern": "Spiral"}):
        with pytest.raises(ConfigError, match=next(iter(change))):
            draw_groups(raw().positions_px, replace(DATA, **change), 4, 10, 0)


def groups(data: DataConfig, positions: np.ndarray | None = None, count: int = 200) -> np.ndarray:
    points = raw(100).positions_px if positions is None else positions
    return draw_groups(points, data, 4, count, 3)


@pytest.mark.parametrize(
    "change",
    [
        {"K": 12},
        {"neighbor_function": "Min_dist", "K": 30, "min_neighbor_distance": 2.0},
        {"neighbor_function": "4_quadrant"},
    ],
    ids=str,
)
def test_a_grouping_setting_changes_the_groups(change: dict[str, Any]) -> None:
    assert not np.array_equal(groups(DATA), groups(replace(DATA, **change)))
    assert all(len(set(row)) == 4 for row in groups(replace(DATA, **change)))


def test_distances_stay_between_their_bounds_where_neighbours_allow_it() -> None:
    axis = np.arange(20) * 3.0
    lattice = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    data = replace(DATA, neighbor_function="Min_dist", K=60, min_neighbor_distance=1.5, max_neighbor_distance=3.0)
    found = groups(data, lattice)
    steps = np.linalg.norm(lattice[found[:, 1:]] - lattice[found[:, :1]], axis=-1) / 3.0
    assert steps.min() >= 1.5 and steps.max() <= 3.0
    wide = groups(replace(data, max_neighbor_distance=4.0), lattice)
    assert (np.linalg.norm(lattice[wide[:, 1:]] - lattice[wide[:, :1]], axis=-1) / 3.0).max() > 3.0


def test_quadrants_differ_and_their_pool_has_its_size() -> None:
    axis = np.arange(20) * 3.0
    lattice = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    inner = np.flatnonzero(((lattice > 20) & (lattice < 40)).all(axis=1))
    found = groups(replace(DATA, neighbor_function="4_quadrant", K_quadrant=24), lattice, 400)
    found = found[np.isin(found[:, 0], inner)]
    away = lattice[found[:, 1:]] - lattice[found[:, :1]]
    quadrant = 2 * (away[..., 0] >= 0) + (away[..., 1] >= 0)
    assert all(len(set(row)) == 3 for row in quadrant)
    near = groups(replace(DATA, neighbor_function="4_quadrant", K_quadrant=8), lattice, 400)
    reach = [np.abs(lattice[g[:, 1:]] - lattice[g[:, :1]]).max() for g in (found, near[np.isin(near[:, 0], inner)])]
    assert reach[0] > reach[1]


def test_a_rectangular_scan_measures_each_axis_by_its_own_step() -> None:
    rows, columns = np.meshgrid(np.arange(12) * 10.0, np.arange(12) * 2.0, indexing="ij")
    points = np.stack([rows, columns], axis=-1).reshape(-1, 2)
    same_row = [
        (points[g[:, 1:], 0] == points[g[:, :1], 0]).mean()
        for g in (groups(replace(DATA, scan_pattern=word), points) for word in ("Isotropic", "Rectangular"))
    ]
    assert same_row[0] > 0.9 and same_row[1] < 0.8


def test_bounds_take_part_of_the_scan() -> None:
    points = raw(100).positions_px
    whole = inside_bounds(points, replace(DATA, x_bounds=(0, 1), y_bounds=(0, 1)), 4)
    left = points[inside_bounds(points, replace(DATA, x_bounds=(0, 0.5), y_bounds=(0, 1)), 4)]
    top = points[inside_bounds(points, replace(DATA, x_bounds=(0, 1), y_bounds=(0, 0.5)), 4)]
    assert len(whole) == 100 and 0 < len(left) < 100 and 0 < len(top) < 100
    assert left[:, 1].max() < points[:, 1].max() and top[:, 0].max() < points[:, 0].max()


def loader(tmp_path: Path, data: DataConfig = DATA, **training: Any) -> PtychoDataLoader:
    if not (tmp_path / "scan.npz").exists():
        raw().to_file(tmp_path / "scan.npz")
    manager = ConfigManager(data, PLAIN, TrainingConfig(**{"batch_size": 8, **training}))
    return PtychoDataLoader(tmp_path, manager, output_dir=tmp_path / "run")


def test_groups_per_position_seed_and_batch_size_shape_the_epoch(tmp_path: Path) -> None:
    def first(data: DataConfig = DATA, **training: Any) -> list[ScanBatch]:
        return list(loader(tmp_path, data, **training).data().train_dataloader())

    whole = replace(DATA, x_bounds=(0, 1), y_bounds=(0, 1))
    counts = [sum(len(b.amplitude) for b in first(replace(whole, n_subsample=n))) for n in (1, 3)]
    assert counts[1] == 3 * counts[0]
    assert sum(len(b.amplitude) for b in first(whole, n_groups=5)) == 5
    assert sum(len(b.amplitude) for b in first()) < sum(len(b.amplitude) for b in first(whole))
    assert len(first(batch_size=4)[0].amplitude) == 4
    seeds = [first(replace(DATA, subsample_seed=seed))[0].amplitude for seed in (1, 1, 2)]
    assert torch.equal(seeds[0], seeds[1]) and not torch.equal(seeds[0], seeds[2])


def test_the_probe_is_brought_to_the_data_or_left_as_it_is() -> None:
    data = raw()
    bright = RawData(**{**simulate_scan(N, 40, 1e5, 2, step_px=2.0), "probeGuess": 3 * data.probeGuess})
    normal = [prepared_probe(scan, DATA) for scan in (data, bright)]
    assert np.allclose(*normal, rtol=1e-4)
    as_given = [prepared_probe(scan, replace(DATA, probe_normalize=False)) for scan in (data, bright)]
    assert np.allclose(3 * as_given[0], as_given[1], rtol=1e-4)


def test_a_ramp_on_the_probe_is_removed() -> None:
    rows, columns = np.mgrid[:N, :N] - N // 2
    flat = np.exp(-(rows**2 + columns**2) / 20).astype(np.complex64)[None]
    ramped = flat * np.exp(1j * (0.4 * rows - 0.7 * columns))
    assert np.allclose(without_ramp(ramped), flat, atol=1e-5)
    data = raw()
    data.probeGuess = ramped[0]
    switched = [prepared_probe(data, replace(DATA, probe_ramp_removal=on)) for on in (False, True)]
    assert not np.allclose(*switched, atol=1e-2)


@pytest.mark.parametrize(
    "change",
    [{"middle_trim": 6}, {"patch_weighting": "uniform"}, {"window": 0}, {"pad_eval": False}, {"batch_size": 4}],
    ids=str,
)
def test_an_inference_setting_changes_what_is_stitched(change: dict[str, Any]) -> None:
    base = InferenceConfig(middle_trim=12, window=3)
    made, data = module(), raw()
    seen: list[int] = []
    made.network.network.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    plain = predict_scan(made, data, base)
    largest = max(seen)
    seen.clear()
    other = predict_scan(made, data, replace(base, **change))
    assert plain.shape == other.shape
    if "batch_size" in change:
        assert max(seen) == 1 < largest and np.allclose(plain, other, atol=1e-4)
    else:
        assert not np.allclose(plain, other, atol=1e-4)


def test_the_stitched_object_lies_where_the_scan_says() -> None:
    # The sweeps of the other architecture need no training to show the object.
    model = CanonicalModel(N=N, gridsize=3, architecture="unrolled", n_filters_scale=1)
    made = PtychoPINN_Lightning(training=CanonicalTraining(model))
    data = raw(60, poisson=False)
    found = predict_scan(made, data, InferenceConfig(middle_trim=0, window=0))
    corner = np.floor(data.positions_px.min(0) + 0.5).astype(int) - N // 2
    truth = data.objectGuess[corner[0] : corner[0] + found.shape[0], corner[1] : corner[1] + found.shape[1]]
    inside = (slice(N // 2, -N // 2),) * 2
    assert np.corrcoef(np.abs(found[inside]).ravel(), np.abs(truth[inside]).ravel())[0, 1] > 0.8


def test_the_probe_scale_divides_the_object() -> None:
    settings = InferenceConfig(middle_trim=12)
    plain, half = (predict_scan(module(data=replace(DATA, probe_scale=scale)), raw(), settings) for scale in (4.0, 8.0))
    seen = np.abs(plain - 1) > 1e-6
    assert np.allclose(half[seen], plain[seen] / 2, atol=1e-4)


def test_an_unknown_weighting_is_refused() -> None:
    with pytest.raises(ConfigError, match="patch_weighting"):
        predict_scan(module(), raw(), InferenceConfig(patch_weighting="best"))


def test_the_window_falls_to_the_edge_and_stays_in_the_middle() -> None:
    assert edge_window(8, 0, 0).tolist() == [1.0] * 8
    assert edge_window(8, 4, 0).tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    soft = edge_window(16, 0, 4)
    assert torch.equal(soft, soft.flip(0)) and soft[0] == pytest.approx(0.2) and soft[7] == 1.0
    assert edge_window(4, 99, 99).min() > 0


def test_the_trainer_gets_epochs_clipping_and_accumulation(tmp_path: Path) -> None:
    given = loader(tmp_path, epochs=3, epochs_fine_tune=2, accum_steps=4, gradient_clip_val=0.3)
    model = PtychoModel._new_model(config_manager=given.config_manager)
    trainer = Trainer._from_lightning(model, given)._trainer
    assert (trainer.max_epochs, trainer.accumulate_grad_batches, trainer.gradient_clip_val) == (5, 4, 0.3)


def test_learning_rate_and_trainable_scale_reach_the_optimiser() -> None:
    for trainable in (False, True):
        made = module(replace(PLAIN, intensity_scale_trainable=trainable), learning_rate=0.02)
        optimizer = made.configure_optimizers()
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        assert (id(made.network.log_scale) in held) is trainable
        assert {group["lr"] for group in optimizer.param_groups} == {0.02}
