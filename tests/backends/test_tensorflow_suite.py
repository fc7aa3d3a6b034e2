"""The TensorFlow backend: the common suite, and the physics on tensors against the numpy reference."""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_suite import BackendSuite
from backend_suite.base import EXACT, scan
from backend_suite.base import settings as tiny_settings
from ptychopinn.backends import registry
from ptychopinn.backends.tensorflow.devices import choose_device, use_bfloat16
from ptychopinn.backends.tensorflow.group_canvas import GroupCanvas
from ptychopinn.backends.tensorflow.losses import amplitude_error, relative_deviance, total_variation
from ptychopinn.backends.tensorflow.network import GroupObject, PtychoNetwork, smooth
from ptychopinn.backends.tensorflow.optimisation import Optimisation
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import canvas_side
from ptychopinn.errors import ArchiveError, ConfigError
from ptychopinn.physics.exit_wave import model_intensities
from strategies import seeds


class TestTensorFlow(BackendSuite):
    name = "tensorflow"

    def test_accumulated_batches_change_the_training(self, folder: Path) -> None:
        data = scan()
        model = self.train(data, tiny_settings(), folder, execution=replace(EXACT, accum_steps=3))
        assert not np.allclose(self.plain(folder, "unrolled"), self.reconstruct(model, data).object_, atol=1e-5)

    def test_bfloat16_convolutions_give_nearly_the_same_object(self, folder: Path) -> None:
        data = scan()
        mixed = self.train(data, tiny_settings(), folder, execution=replace(EXACT, precision="bf16-mixed"))
        first, second = self.plain(folder, "unrolled"), self.reconstruct(mixed, data).object_
        assert not np.array_equal(first, second)
        assert np.abs(first - second).mean() < 0.05

    def test_an_unknown_layer_is_not_loaded(self, folder: Path) -> None:
        import keras

        from ptychopinn.archive.bundle import open_bundle, write_bundle

        self.trained(folder, "unrolled").save(folder / "wts.h5.zip")
        bundle = open_bundle(folder / "wts.h5.zip")
        source = keras.Input((2,))
        evil = keras.Model(source, keras.layers.Lambda(_touch, output_shape=(2,))(source))
        evil.save(folder / "evil.keras")
        marker = _marker()
        marker.unlink(missing_ok=True)
        members = {name: bundle.read(name) for name in bundle.names if name != "manifest.dill"}
        members["diffraction_to_obj/model.keras"] = (folder / "evil.keras").read_bytes()
        write_bundle(folder / "evil.zip", members, bundle.manifest)
        with pytest.raises(ArchiveError, match="diffraction_to_obj"):
            registry.load(self.name).load(folder / "evil.zip")
        assert not marker.exists()

    def test_a_cnn_of_an_odd_size_is_refused_with_a_remedy(self) -> None:
        with pytest.raises(ConfigError, match="unrolled"):
            _network(ModelConfig(N=50), 1)


def _marker() -> Path:
    return Path(tempfile.gettempdir()) / f"lambda-ran-{os.getpid()}"


def _touch(values):
    _marker().touch()
    return values


def _network(config: ModelConfig, modes: int) -> PtychoNetwork:
    return PtychoNetwork.untrained(TrainingConfig(config), modes, canvas_side(config.N, 5.0))


def _complex(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)


@settings(deadline=None, max_examples=40)
@given(seeds, st.sampled_from([8, 11, 16]), st.integers(1, 3), st.integers(1, 5))
def test_patterns_agree_with_the_numpy_reference(seed: int, n: int, modes: int, channels: int) -> None:
    rng = np.random.default_rng(seed)
    probe, side = _complex(rng, modes, n, n), canvas_side(n, 5.0)
    offsets = rng.uniform(-5, 5, (3, channels, 2)).astype(np.float32)
    layout = GroupCanvas.build(tf.constant(offsets), tf.constant(probe), side)
    canvas = _complex(rng, 3, side, side)
    network = _network(ModelConfig(N=n, architecture="unrolled", n_filters_scale=1), modes)
    found = network.patterns(GroupObject(tf.constant(canvas), layout)).numpy().reshape(3, channels, n, n)
    for group in range(3):
        expected = np.stack(list(model_intensities(canvas[group], probe, offsets[group] + side // 2)))
        assert np.max(np.abs(found[group] - expected)) < 1e-5 * expected.max()


@settings(deadline=None, max_examples=25)
@given(seeds, st.sampled_from([9, 16]), st.integers(1, 3))
def test_both_backends_model_the_same_patterns(seed: int, n: int, modes: int) -> None:
    import torch

    from ptychopinn.backends.torch import group_canvas, network

    rng = np.random.default_rng(seed)
    probe, side = _complex(rng, modes, n, n), canvas_side(n, 5.0)
    offsets, canvas = rng.uniform(-5, 5, (3, 5, 2)).astype(np.float32), _complex(rng, 3, side, side)
    config = ModelConfig(N=n, architecture="unrolled", n_filters_scale=1)
    ours = _network(config, modes)
    layout = GroupCanvas.build(tf.constant(offsets), tf.constant(probe), side)
    theirs = network.PtychoNetwork(TrainingConfig(config), modes)
    other = group_canvas.GroupCanvas.build(torch.from_numpy(offsets), torch.from_numpy(probe), (side, side))
    found = ours.patterns(GroupObject(tf.constant(canvas), layout)).numpy()
    expected = theirs.patterns(network.GroupObject(torch.from_numpy(canvas), other)).numpy()
    assert np.max(np.abs(found - expected)) < 1e-5 * expected.max()


def test_both_backends_start_with_weights_of_the_same_spread() -> None:
    import torch

    from ptychopinn.backends.torch import network

    config = ModelConfig(N=16, architecture="unrolled", n_filters_scale=2)
    torch.manual_seed(0)
    tf.keras.utils.set_random_seed(0)
    theirs = network.PtychoNetwork(TrainingConfig(config))
    expected = [
        [layer.weight.detach().numpy(), layer.bias.detach().numpy()]
        for layer in theirs.modules()
        if isinstance(layer, torch.nn.Conv2d)
    ]
    unet = _network(config, 1).network
    layers = [layer for block in (*unet.encoder, *unet.decoder) for layer in block]
    for found, other in zip([layer.get_weights() for layer in [*layers, unet.head]], expected, strict=True):
        for ours, wanted in zip(found, other, strict=True):
            assert ours.size == wanted.size
            assert ours.std() == pytest.approx(wanted.std(), rel=0.6)
            assert np.abs(ours).max() <= 1.6 * np.abs(wanted).max()


def test_a_small_gradient_moves_a_weight_as_far_as_a_large_one() -> None:
    config = ModelConfig(N=16, architecture="unrolled", n_filters_scale=1)
    moved = []
    for gradient in (1e-6, 1e-2):
        network = _network(config, 1)
        optimizer = Optimisation(network, TrainingConfig(config), 16, "/CPU:0", EXACT).optimizer
        optimizer.learning_rate.assign(1e-3)
        before = network.get_weights()[-1]
        for _ in range(100):
            optimizer.apply([gradient * tf.ones_like(variable) for variable in network.trainable_variables])
        moved.append(network.get_weights()[-1] - before)
    assert moved[0] == pytest.approx(moved[1], rel=0.15)


@settings(deadline=None)
@given(seeds)
def test_placing_is_the_adjoint_of_extracting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets = tf.constant(rng.uniform(-4, 4, (2, 3, 2)).astype(np.float32))
    layout = GroupCanvas.build(offsets, tf.constant(_complex(rng, 1, 9, 9)), 24)
    canvas, patches = _complex(rng, 2, 24, 24), _complex(rng, 6, 9, 9)
    left = np.vdot(patches, layout.extract(tf.constant(canvas)).numpy())
    right = np.vdot(layout.place(tf.constant(patches)).numpy(), canvas)
    assert abs(left - right) < 1e-3 * abs(left) + 1e-3


def test_merging_patches_of_one_object_gives_that_object() -> None:
    rng = np.random.default_rng(0)
    offsets = tf.constant(rng.uniform(-4, 4, (2, 5, 2)).astype(np.float32))
    layout = GroupCanvas.build(offsets, tf.constant(_complex(rng, 2, 12, 12)), 24)
    canvas = _complex(rng, 2, 24, 24)
    merged = layout.merge(layout.extract(tf.constant(canvas))).numpy()
    seen = layout.place(tf.ones((10, 12, 12))).numpy() > 0
    assert np.allclose(merged[seen], canvas[seen], atol=1e-4)


@settings(deadline=None)
@given(st.floats(1e-2, 1e4), st.integers(0, 1000))
def test_the_loss_is_at_least_zero_and_zero_at_equality(scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    amplitude = np.sqrt(rng.poisson(3.0, (2, 8, 8)) * scale).astype(np.float32)
    other = rng.gamma(1.0, scale, (2, 8, 8)).astype(np.float32)
    assert relative_deviance(amplitude, other) >= 0
    assert abs(float(relative_deviance(amplitude, amplitude**2))) < 1e-4 * scale + 2e-6
    assert float(amplitude_error(amplitude, amplitude**2)) < 1.1e-3


def test_total_variation_of_a_flat_object_is_zero() -> None:
    rng = np.random.default_rng(0)
    dose = tf.constant(rng.random((1, 9, 9)).astype(np.float32))
    assert float(total_variation(tf.fill((1, 9, 9), tf.constant(2.0 + 1j, tf.complex64)), dose)) == 0
    assert float(total_variation(tf.constant(_complex(rng, 1, 9, 9)), dose)) > 0


def test_smoothing_keeps_the_mean_and_lowers_the_variance() -> None:
    field = _complex(np.random.default_rng(0), 3, 16, 16)
    soft = smooth(tf.constant(field), 1.5).numpy()
    assert np.allclose(soft.mean(axis=(1, 2)), field.mean(axis=(1, 2)), atol=1e-6)
    assert np.abs(soft).var() < 0.5 * np.abs(field).var()


def test_devices_and_precision_follow_the_settings() -> None:
    assert choose_device("cpu") == "/CPU:0"
    assert use_bfloat16("bf16-mixed", "/CPU:0")
    assert not use_bfloat16("32-true", "/CPU:0")
    if not tf.config.list_physical_devices("GPU"):
        assert choose_device("auto") == "/CPU:0"
        with pytest.raises(ConfigError, match="accelerator"):
            choose_device("cuda")


def test_advice_on_retracing_stays_out_of_the_log_and_other_warnings_do_not(caplog: pytest.LogCaptureFixture) -> None:
    for text in ("5 out of the last 6 calls triggered tf.function retracing.", "Something else."):
        logging.getLogger("tensorflow").warning(text)
    assert [record.message for record in caplog.records] == ["Something else."]
