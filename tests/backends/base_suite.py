"""Tests for every backend; the test module of a backend subclasses the suite and sets its name."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from ptychopinn.archive.bundle import open_bundle
from ptychopinn.backends import registry
from ptychopinn.backends.base import Reconstruction, TrainingJob
from ptychopinn.backends.reconstruction import NetworkModel
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.legacy_bridge import LEGACY_DEFAULTS
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data import npz
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import ArchiveError, DataError
from ptychopinn.events import Batch, Epoch, Event, Phase, Preview, ignore, never
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.quality.align import align
from ptychopinn.workflow.iterate import Iteration

N = 16
INFERENCE = InferenceConfig(ModelConfig(), Path("model"), Path("scan.npz"))


def scan(seed: int = 0, positions: int = 45, **changes: object) -> RawData:
    """A small simulated scan."""
    return RawData(**{**simulate_scan(N, positions, 1e5, seed, step_px=2.0), **changes})


def settings(architecture: str = "unrolled", gridsize: int = 2, **training: object) -> TrainingConfig:
    """Settings of a tiny training."""
    model = {"N": N, "n_filters_scale": 1, "architecture": architecture, "gridsize": gridsize}
    model.update(training.pop("model", {}))
    defaults = {"nepochs": 2, "batch_size": 4, "neighbor_count": 6, "validation_fraction": 0.0}
    return TrainingConfig(ModelConfig(**model), **{**defaults, **training})


EXACT = PyTorchExecutionConfig(precision="32-true", enable_checkpointing=False, logger_backend="none")


def _array(value: object) -> np.ndarray:
    """Values of a parameter of either framework."""
    return value.detach().numpy() if hasattr(value, "detach") else value.numpy()


_MODELS: dict[tuple[object, ...], NetworkModel] = {}
_OBJECTS: dict[tuple[object, ...], np.ndarray] = {}


class BackendSuite:
    """Tests of training, saving and reconstruction."""

    name: ClassVar[str]

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path

    def train(self, data: RawData, config: TrainingConfig, folder: Path, **job: object) -> NetworkModel:
        events: list[Event] = job.pop("events", [])
        stop = job.pop("should_stop", never)
        job.setdefault("execution", EXACT)
        backend = registry.load(self.name)
        return backend.train(TrainingJob(data, config, folder, **job), events.append, stop)

    def reconstruct(self, model: NetworkModel, data: RawData, **more: object) -> Reconstruction:
        execution = replace(EXACT, inference_batch_size=more.pop("batch", None))
        config = more.pop("config", INFERENCE)
        return model.reconstruct(data, config, execution, ignore, more.pop("should_stop", never), **more)

    def trained(self, folder: Path, *architecture: object, **options: object) -> NetworkModel:
        """Model of the plain scan; each is trained once per run of the tests."""
        key = (self.name, *architecture, *sorted(options.items()))
        if key not in _MODELS:
            _MODELS[key] = self.train(scan(), settings(*architecture, **options), folder)
        return _MODELS[key]

    def plain(self, folder: Path, *architecture: object, **options: object) -> np.ndarray:
        """Object that the model of :meth:`trained` predicts."""
        key = (self.name, *architecture, *sorted(options.items()))
        if key not in _OBJECTS:
            _OBJECTS[key] = self.reconstruct(self.trained(folder, *architecture, **options), scan()).object_
        return _OBJECTS[key]

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

    @pytest.mark.parametrize("architecture", ["unrolled", "cnn"])
    def test_a_saved_model_predicts_the_same_bit_for_bit(self, folder: Path, architecture: str) -> None:
        path = folder / "wts.h5.zip"
        self.trained(folder, architecture).save(path)
        after = self.reconstruct(registry.load(self.name).load(path), scan()).object_
        assert np.array_equal(self.plain(folder, architecture), after)

    def test_nothing_of_the_global_dictionary_reaches_the_archive(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ptychopinn.historic import params

        monkeypatch.setitem(params.cfg, "label", "left behind by another job")
        monkeypatch.setitem(params.cfg, "nimgs_train", 777)
        self.trained(folder, "unrolled").save(folder / "wts.h5.zip")
        bundle = open_bundle(folder)
        for model in bundle.manifest["models"]:
            stored = bundle.read_plain(f"{model}/params.dill")
            assert (stored["label"], stored["nimgs_train"], stored["N"]) == ("", 9, N)
            assert set(LEGACY_DEFAULTS) <= set(stored)

    def test_a_fresh_process_predicts_the_same_bit_for_bit(self, folder: Path) -> None:
        data = scan()
        npz.write(folder / "scan.npz", data)
        self.trained(folder, "unrolled").save(folder / "wts.h5.zip")
        np.save(folder / "before.npy", self.plain(folder, "unrolled"))
        code = f"""
import sys; sys.path[:0] = {[str(Path(__file__).parents[2]), str(Path(__file__).parent)]!r}
from pathlib import Path
import numpy as np
from base_suite import EXACT, INFERENCE
from ptychopinn.backends import registry
from ptychopinn.data import npz
from ptychopinn.events import ignore, never
folder = Path({str(folder)!r})
model = registry.load({self.name!r}).load(folder)
found = model.reconstruct(npz.read(folder / "scan.npz"), INFERENCE, EXACT, ignore, never)
print(np.array_equal(found.object_, np.load(folder / "before.npy")))
"""
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert out.strip().splitlines()[-1] == "True"

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

    @pytest.mark.parametrize("batch", [1, 3, 8])
    def test_the_batch_size_does_not_change_the_object(self, folder: Path, batch: int) -> None:
        found = self.reconstruct(self.trained(folder, "unrolled"), scan(), batch=batch).object_
        assert np.allclose(found, self.plain(folder, "unrolled"), atol=1e-4)

    def test_a_brighter_probe_guess_and_ten_times_the_counts_change_nothing(self, folder: Path) -> None:
        data = scan()
        brighter = scan(probeGuess=7 * data.probeGuess, diff3d=data.diff3d * np.float32(np.sqrt(10)))
        found = self.reconstruct(self.train(brighter, settings(), folder), brighter).object_
        assert np.allclose(self.plain(folder, "unrolled"), found, atol=1e-3)

    def test_the_same_seed_gives_the_same_model_after_another_training(self, folder: Path) -> None:
        data, other = scan(), scan(seed=5, positions=33)
        alone = self.plain(folder, "unrolled")
        self.train(other, settings("cnn", 1), folder)
        again = self.reconstruct(self.train(data, settings(), folder), data).object_
        assert np.array_equal(alone, again)

    def test_another_seed_gives_another_model(self, folder: Path) -> None:
        other = self.reconstruct(self.train(scan(), settings(seed=4), folder), scan())
        assert not np.array_equal(self.plain(folder, "unrolled"), other.object_)

    def test_several_probe_modes_train_and_reconstruct(self, folder: Path) -> None:
        data = scan()
        rng = np.random.default_rng(1)
        second = 0.3 * data.probeGuess * np.exp(1j * rng.uniform(0, 6, data.probeGuess.shape))
        modes = np.stack([data.probeGuess, second]).astype(np.complex64)
        data = scan(probeGuess=modes)
        found = self.reconstruct(self.train(data, settings(), folder), data)
        assert found.probe.shape == (2, N, N)
        assert np.isfinite(found.object_).all()

    def test_the_object_is_where_the_positions_place_it(self, folder: Path) -> None:
        data = scan(positions=120)
        model = self.train(data, settings(gridsize=3, nepochs=6, neighbor_count=10), folder)
        engine = Iteration(data, IterativeConfig(sweeps=10), None, ignore, never)
        found, _ = engine.refined(self.reconstruct(model, data))
        shape = data.objectGuess.shape
        obj = found.object_[: shape[0], : shape[1]]
        lit = found.dose[: shape[0], : shape[1]] > 0.3 * np.median(found.dose[found.dose > 0.1 * found.dose.max()])
        aligned, info = align(obj, data.objectGuess, lit)
        assert abs(info["shift_y_px"]) < 0.5
        assert abs(info["shift_x_px"]) < 0.5
        truth = data.objectGuess
        assert np.corrcoef(np.abs(aligned[lit]), np.abs(truth[lit]))[0, 1] > 0.9

    def test_a_pattern_without_counts_gives_no_nan(self, folder: Path) -> None:
        data = scan()
        data.diff3d[7] = 0
        model = self.train(data, settings(), folder)
        assert np.isfinite(model.history.loss).all()
        assert np.isfinite(self.reconstruct(model, data).object_).all()

    def test_positions_may_be_negative(self, folder: Path) -> None:
        data = scan()
        centred = scan(xcoords=data.xcoords - data.xcoords.mean(), ycoords=data.ycoords - data.ycoords.mean())
        found = self.reconstruct(self.train(centred, settings(), folder), centred)
        assert (found.positions_px >= 0).all()
        assert np.allclose(np.diff(found.positions_px, axis=0), np.diff(centred.positions_px, axis=0))

    def test_patterns_of_another_size_are_refused(self, folder: Path) -> None:
        other = RawData(**simulate_scan(32, 30, 1e5, 0))
        with pytest.raises(DataError, match="32 pixels wide"):
            self.reconstruct(self.trained(folder, "unrolled"), other)

    def test_positions_in_the_file_are_used_even_if_positions_provided_is_false(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        data = scan()
        found = self.reconstruct(self.train(data, settings(positions_provided=False), folder), data).object_
        assert np.array_equal(found, self.plain(folder, "unrolled"))
        assert "positions_provided is False" in caplog.text

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

    def test_supervised_learning_needs_a_known_object(self, folder: Path) -> None:
        config = settings(model={"model_type": "supervised"})
        flat = np.ones((60, 60), np.complex64)
        for truth, word in ((None, "absent"), (flat, "flat")):
            with pytest.raises(DataError, match=word):
                self.train(scan(objectGuess=truth), config, folder)
        with pytest.raises(DataError, match="test scan"):
            self.train(scan(), config, folder, test_data=scan(1, objectGuess=None))
        model = self.train(scan(), settings(model={"model_type": "supervised"}, nepochs=6), folder)
        assert model.history.loss[-1] < model.history.loss[0]

    def test_a_known_object_with_holes_is_refused(self, folder: Path) -> None:
        holed = scan().objectGuess.copy()
        holed[:2, :3] = np.nan
        supervised = settings(model={"model_type": "supervised"})
        with pytest.raises(DataError, match="training scan has 6 pixels"):
            self.train(scan(objectGuess=holed), supervised, folder)
        with pytest.raises(DataError, match="test scan has 6 pixels"):
            mixed = settings(realspace_mae_weight=0.5, realspace_weight=0.1)
            self.train(scan(), mixed, folder, test_data=scan(objectGuess=holed))

    def test_supervised_learning_ignores_the_global_phase(self, folder: Path) -> None:
        data = scan()
        config = settings("cnn", model={"model_type": "supervised"})
        found, turned = (
            self.reconstruct(self.train(scan(objectGuess=truth), config, folder), data).object_
            for truth in (data.objectGuess, data.objectGuess * np.complex64(np.exp(1.9j)))
        )
        assert np.allclose(found, turned, atol=2e-3)

    def test_a_flat_placeholder_is_refused_as_known_object(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        config = settings(realspace_mae_weight=0.5, realspace_weight=0.1, nepochs=1)
        with pytest.raises(DataError, match="realspace_mae_weight"):
            self.train(scan(objectGuess=np.ones((60, 60), np.complex64)), config, folder)
        self.train(scan(objectGuess=None), config, folder)
        assert "realspace_mae_weight has no effect" in caplog.text

    def test_a_test_scan_without_truth_skips_the_truth_loss(self, folder: Path) -> None:
        config = settings(realspace_mae_weight=0.5, nepochs=1)
        model = self.train(scan(), config, folder, test_data=scan(1, objectGuess=None))
        assert np.isfinite(model.history.val_loss).all()

    def test_an_archive_of_another_backend_is_refused_naming_both(self, folder: Path) -> None:
        from ptychopinn.archive.bundle import write_bundle
        from ptychopinn.archive.manifest import new_manifest

        other = next(name for name in registry.NAMES if name != self.name)
        path = folder / "wts.h5.zip"
        write_bundle(path, {"diffraction_to_obj/x": b"1"}, new_manifest(other, "test"))
        with pytest.raises(ArchiveError, match=f"(?s){other}.*{self.name}"):
            registry.load(self.name).load(path)

    def test_a_reconstruction_can_be_stopped(self, folder: Path) -> None:
        found = self.reconstruct(self.trained(folder, "unrolled"), scan(), should_stop=lambda: True)
        assert found.dose.max() == 0

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

    def test_the_central_square_limits_what_is_stitched(self, folder: Path) -> None:
        data, model = scan(), self.trained(folder, "unrolled")
        arguments = (INFERENCE, replace(EXACT, middle_trim=6), ignore, never)
        trimmed = model.reconstruct(data, *arguments)
        whole = self.reconstruct(model, data)
        assert (trimmed.dose > 0).sum() < (whole.dose > 0).sum()

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
