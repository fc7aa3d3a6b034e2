"""Training: progress, stops, seeds and start weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend_suite.base import EXACT, BackendTests, scan, settings
from ptychopinn.backends import registry
from ptychopinn.events import Batch, Epoch, Event, Phase, Preview


class TrainingTests(BackendTests):
    """Training: progress, stops, seeds and start weights."""

    @pytest.mark.parametrize("architecture", ["unrolled", "cnn"])
    @pytest.mark.parametrize("gridsize", [1, 2])
    def test_training_lowers_the_loss_and_gives_a_finite_object(
        self, folder: Path, architecture: str, gridsize: int
    ) -> None:
        data = scan()
        model = self.train(data, settings(architecture, gridsize, nepochs=6, validation_fraction=0.1), folder)
        assert model.history.loss[-1] < model.history.loss[0]
        assert len(model.history.loss) == len(model.history.val_loss) == 6
        found = self.reconstruct(model, data)
        assert found.object_.dtype == np.complex64
        assert np.isfinite(found.object_).all()
        assert all(a >= b for a, b in zip(found.object_.shape, data.objectGuess.shape, strict=True))

    def test_events_report_phases_batches_epochs_and_a_preview(self, folder: Path) -> None:
        events: list[Event] = []
        self.train(scan(), settings(nepochs=3), folder, events=events)
        kinds = [type(event) for event in events]
        assert kinds[0] is Phase
        assert kinds.count(Epoch) == 3
        assert kinds.index(Batch) < kinds.index(Epoch)
        epochs = [event for event in events if isinstance(event, Epoch)]
        assert [event.epoch for event in epochs] == [1, 2, 3]
        preview = next(event for event in events if isinstance(event, Preview))
        assert preview.amplitude.dtype == preview.phase.dtype == np.float32
        assert np.isfinite(preview.amplitude).all()
        later = kinds[::-1]
        assert later.index(Preview) < later.index(Epoch)
        last = [event for event in events if isinstance(event, Preview)][-1]
        assert last.epoch == 3, "the last picture is that of the weights that are kept"

    def test_a_stop_ends_after_the_batch_and_keeps_the_weights(self, folder: Path) -> None:
        seen: list[Event] = []

        def stop() -> bool:
            return any(isinstance(event, Batch) for event in seen)

        data = scan()
        model = self.train(data, settings(nepochs=500), folder, events=seen, should_stop=stop)
        assert model.history.stopped
        assert len(model.history.loss) < 5
        model.save(folder / "wts.h5.zip")
        assert (folder / "wts.h5.zip").exists()

    def test_the_time_limit_ends_the_training(self, folder: Path) -> None:
        model = self.train(scan(), settings(nepochs=100_000, max_minutes=0.02), folder)
        assert 0 < len(model.history.loss) < 10_000
        assert not model.history.stopped

    def test_the_same_seed_gives_the_same_model_after_another_training(self, folder: Path) -> None:
        data, other = scan(), scan(seed=5, positions=33)
        alone = self.plain(folder, "unrolled")
        self.train(other, settings("cnn", 1), folder)
        again = self.reconstruct(self.train(data, settings(), folder), data).object_
        assert np.array_equal(alone, again)

    def test_another_seed_gives_another_model(self, folder: Path) -> None:
        other = self.reconstruct(self.train(scan(), settings(seed=4), folder), scan())
        assert not np.array_equal(self.plain(folder, "unrolled"), other.object_)

    def test_a_pattern_without_counts_gives_no_nan(self, folder: Path) -> None:
        data = scan()
        data.diff3d[7] = 0
        model = self.train(data, settings(), folder)
        assert np.isfinite(model.history.loss).all()
        assert np.isfinite(self.reconstruct(model, data).object_).all()

    @pytest.mark.parametrize("architecture", ["unrolled", "cnn"])
    def test_a_training_continues_from_the_weights_of_a_model(self, folder: Path, architecture: str) -> None:
        data = scan()
        first = self.trained(folder, architecture)
        first.save(folder / "wts.h5.zip")
        still = replace(EXACT, learning_rate=1e-12)
        # Another seed: random weights would give another object.
        config = settings(architecture, nepochs=1, seed=5)
        again = self.train(data, config, folder, start_from=folder / "wts.h5.zip", execution=still)
        anew = self.train(data, config, folder, execution=still)
        expected = self.plain(folder, architecture)
        found, other = (self.reconstruct(model, data).object_ for model in (again, anew))
        np.testing.assert_allclose(found, expected, atol=1e-4)
        assert np.abs(other - expected).max() > 1e-2

    def test_the_best_weights_are_saved_during_the_training(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ptychopinn.backends.training_watch._FIRST_SAVE_S", 0.0)
        monkeypatch.setattr("ptychopinn.backends.training_watch._SAVE_SHARE", 1e9)
        data, path = scan(), folder / "wts.h5.zip"
        seen: list[int] = []

        def stop() -> bool:
            # The batches of the second epoch see what the first one left.
            if path.is_file():
                seen.append(len(registry.load(self.name).load(path).history.loss))
            return bool(seen)

        model = self.train(data, settings(nepochs=3), folder, snapshot=path, should_stop=stop)
        assert seen == [1] and len(model.history.loss) == 1
        saved = registry.load(self.name).load(path)
        objects = [self.reconstruct(each, data).object_ for each in (model, saved)]
        np.testing.assert_allclose(objects[1], objects[0], atol=1e-5)

    @pytest.mark.parametrize("activation", ["sigmoid", "swish", "softplus", "relu"])
    def test_an_untrained_network_starts_near_full_transmission_and_depends_on_its_patterns(
        self, folder: Path, activation: str
    ) -> None:
        # With a learning rate near zero the network stays as it started.
        idle = replace(EXACT, learning_rate=1e-12)
        config = settings("cnn", 1, nepochs=1, model={"amp_activation": activation})
        model = self.train(scan(), config, folder, execution=idle)
        data = scan()
        found = self.reconstruct(model, data)
        lit = found.dose > 0.3 * found.dose.max()
        assert abs(np.abs(found.object_[lit]).mean() - 1) < 0.15
        # First weights that are too small lose the pattern on its way through the layers.
        other = self.reconstruct(model, scan(diff3d=data.diff3d[::-1]))
        assert np.abs(found.object_ - other.object_).max() > 0.01
