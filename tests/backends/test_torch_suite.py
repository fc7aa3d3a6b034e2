"""The PyTorch backend: the common suite, and the physics on tensors against the numpy reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend_suite import BackendSuite
from backend_suite.base import EXACT, scan, settings
from ptychopinn.backends.torch.group_canvas import GroupCanvas
from ptychopinn.backends.torch.losses import amplitude_error, relative_deviance, total_variation
from ptychopinn.backends.torch.network import PtychoNetwork, smooth
from ptychopinn.backends.torch.precision import choose_device, use_bfloat16
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import canvas_side
from ptychopinn.errors import ConfigError
from ptychopinn.physics.exit_wave import model_intensities
from strategies import seeds


class TestTorch(BackendSuite):
    name = "pytorch"

    def test_checkpoints_and_csv_log_are_written_on_request(self, folder: Path) -> None:
        from dataclasses import replace

        execution = replace(EXACT, enable_checkpointing=True, logger_backend="csv", checkpoint_save_top_k=-1)
        self.train(scan(), settings(nepochs=3), folder, execution=execution)
        assert len(list((folder / "checkpoints").glob("*.ckpt"))) == 3
        assert list((folder / "lightning_logs").glob("version_*/metrics.csv"))

    def test_the_amplitude_loss_changes_the_result(self, folder: Path) -> None:
        data = scan()
        other = self.reconstruct(self.train(data, settings(torch_loss_mode="mae"), folder), data).object_
        assert not np.allclose(self.plain(folder, "unrolled"), other, atol=1e-5)

    def test_a_cnn_of_an_odd_size_is_refused_with_a_remedy(self) -> None:
        with pytest.raises(ConfigError, match="unrolled"):
            PtychoNetwork(TrainingConfig(ModelConfig(N=50)))


def _complex(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)


@given(seeds, st.sampled_from([8, 11, 16]), st.integers(1, 3), st.integers(1, 5))
def test_patterns_agree_with_the_numpy_reference(seed: int, n: int, modes: int, channels: int) -> None:
    rng = np.random.default_rng(seed)
    probe, side = _complex(rng, modes, n, n), canvas_side(n, 5.0)
    offsets = rng.uniform(-5, 5, (3, channels, 2)).astype(np.float32)
    layout = GroupCanvas.build(torch.from_numpy(offsets), torch.from_numpy(probe), (side, side))
    canvas = _complex(rng, 3, side, side)
    network = PtychoNetwork(TrainingConfig(ModelConfig(N=n, architecture="unrolled", n_filters_scale=1)), modes)
    from ptychopinn.backends.torch.network import GroupObject

    found = network.patterns(GroupObject(torch.from_numpy(canvas), layout)).numpy().reshape(3, channels, n, n)
    for group in range(3):
        expected = np.stack(list(model_intensities(canvas[group], probe, offsets[group] + side // 2)))
        assert np.max(np.abs(found[group] - expected)) < 1e-5 * expected.max()


@given(seeds)
def test_placing_is_the_adjoint_of_extracting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets = torch.from_numpy(rng.uniform(-4, 4, (2, 3, 2)).astype(np.float32))
    layout = GroupCanvas.build(offsets, torch.from_numpy(_complex(rng, 1, 9, 9)), (24, 24))
    canvas, patches = torch.from_numpy(_complex(rng, 2, 24, 24)), torch.from_numpy(_complex(rng, 6, 9, 9))
    left = torch.vdot(patches.flatten(), layout.extract(canvas).flatten())
    right = torch.vdot(layout.place(patches).flatten(), canvas.flatten())
    assert abs(complex(left - right)) < 1e-3 * abs(complex(left)) + 1e-3


def test_merging_patches_of_one_object_gives_that_object() -> None:
    rng = np.random.default_rng(0)
    offsets = torch.from_numpy(rng.uniform(-4, 4, (2, 5, 2)).astype(np.float32))
    layout = GroupCanvas.build(offsets, torch.from_numpy(_complex(rng, 2, 12, 12)), (24, 24))
    canvas = torch.from_numpy(_complex(rng, 2, 24, 24))
    merged = layout.merge(layout.extract(canvas))
    seen = layout.place(torch.ones(10, 12, 12)) > 0
    assert torch.allclose(merged[seen], canvas[seen], atol=1e-4)


@given(st.floats(1e-2, 1e4), st.integers(0, 1000))
def test_the_loss_is_at_least_zero_and_zero_at_equality(scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    amplitude = torch.from_numpy(np.sqrt(rng.poisson(3.0, (2, 8, 8)) * scale).astype(np.float32))
    other = torch.from_numpy(rng.gamma(1.0, scale, (2, 8, 8)).astype(np.float32))
    assert relative_deviance(amplitude, other) >= 0
    assert abs(float(relative_deviance(amplitude, amplitude.square()))) < 1e-4 * scale + 2e-6
    assert float(amplitude_error(amplitude, amplitude.square())) < 1.1e-3


def test_total_variation_of_a_flat_object_is_zero() -> None:
    dose = torch.rand(1, 9, 9)
    assert float(total_variation(torch.full((1, 9, 9), 2.0 + 1j), dose)) == 0
    assert float(total_variation(torch.randn(1, 9, 9, dtype=torch.complex64), dose)) > 0


def test_smoothing_keeps_the_mean_and_lowers_the_variance() -> None:
    field = torch.randn(3, 16, 16, dtype=torch.complex64)
    soft = smooth(field, 1.5)
    assert torch.allclose(soft.mean(dim=(1, 2)), field.mean(dim=(1, 2)), atol=1e-6)
    assert soft.abs().var() < 0.5 * field.abs().var()


def test_devices_and_precision_follow_the_settings() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda")
    assert use_bfloat16("bf16-mixed", torch.device("cpu"))
    assert not use_bfloat16("32-true", torch.device("cpu"))
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="accelerator"):
            choose_device("cuda")
