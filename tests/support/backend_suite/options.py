"""Options that change a training or its network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend_suite.base import EXACT, BackendTests, scan, settings


def _array(value: object) -> np.ndarray:
    """Values of a parameter of either framework."""
    return value.detach().numpy() if hasattr(value, "detach") else value.numpy()


class OptionTests(BackendTests):
    """Options that change a training or its network."""

    @pytest.mark.parametrize("trainable", [False, True])
    def test_probe_and_scale_change_when_trainable_and_only_then(self, folder: Path, trainable: bool) -> None:
        data = scan()
        options = {"probe_trainable": trainable, "intensity_scale_trainable": trainable}
        trained = self.train(data, settings(**options), folder).trained
        shape, guess = (each / np.linalg.norm(each) for each in (trained.probe, data.probe_modes))
        assert np.allclose(shape, guess, atol=1e-6) is not trainable
        assert (abs(float(_array(trained.network.log_scale)) - np.log(1.6)) < 1e-6) is not trainable

    @pytest.mark.parametrize("scheduler", ["Exponential", "MultiStage", "Adaptive"])
    def test_every_schedule_trains(self, folder: Path, scheduler: str) -> None:
        execution = replace(EXACT, scheduler=scheduler)
        model = self.train(scan(), settings("cnn", 1, nepochs=4), folder, execution=execution)
        assert np.isfinite(model.history.loss).all()

    @pytest.mark.parametrize(
        "change", [{"mae_weight": 0.5}, {"realspace_weight": 0.5}, {"realspace_mae_weight": 0.5}], ids=str
    )
    def test_every_loss_option_changes_the_result(self, folder: Path, change: dict) -> None:
        data = scan()
        other = self.reconstruct(self.train(data, settings(**change), folder), data).object_
        assert not np.allclose(self.plain(folder, "unrolled"), other, atol=1e-5)

    @pytest.mark.parametrize(
        ("architecture", "change"),
        [
            ("unrolled", {"amp_activation": "softplus"}),
            ("unrolled", {"amp_activation": "relu"}),
            ("unrolled", {"amp_activation": "swish"}),
            ("unrolled", {"object_big": False}),
            ("unrolled", {"probe_mask": True}),
            ("unrolled", {"gaussian_smoothing_sigma": 1.0}),
            ("unrolled", {"probe_scale": 8.0}),
            ("unrolled", {"n_filters_scale": 2}),
            # The other options act outside the networks, or see the tests of the untrained network.
            ("cnn", {"object_big": False}),
            ("cnn", {"n_filters_scale": 2}),
        ],
        ids=str,
    )
    def test_every_model_option_changes_the_result(self, folder: Path, architecture: str, change: dict) -> None:
        data = scan()
        model = self.train(data, settings(architecture, nepochs=1, model=change), folder)
        other = self.reconstruct(model, data).object_
        assert np.isfinite(other).all()
        assert not np.allclose(self.plain(folder, architecture, nepochs=1), other, atol=1e-5)

    @pytest.mark.parametrize("change", [{"pad_object": False}, {"probe_big": False}], ids=str)
    def test_padding_options_change_the_cnn(self, folder: Path, change: dict) -> None:
        data = scan()
        other = self.reconstruct(self.train(data, settings("cnn", 1, nepochs=1, model=change), folder), data).object_
        assert not np.allclose(self.plain(folder, "cnn", 1, nepochs=1), other, atol=1e-5)
