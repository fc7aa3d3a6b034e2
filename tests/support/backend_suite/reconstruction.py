"""Reconstruction with a trained model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend_suite.base import EXACT, INFERENCE, BackendTests, N, scan, settings
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.events import ignore, never
from ptychopinn.physics.simulate import simulate_scan
from ptychopinn.quality.align import align
from ptychopinn.workflow.iterate import Iteration


class ReconstructionTests(BackendTests):
    """Reconstruction with a trained model."""

    @pytest.mark.parametrize("batch", [1, 3, 8])
    def test_the_batch_size_does_not_change_the_object(self, folder: Path, batch: int) -> None:
        found = self.reconstruct(self.trained(folder, "unrolled"), scan(), batch=batch).object_
        assert np.allclose(found, self.plain(folder, "unrolled"), atol=1e-4)

    def test_a_brighter_probe_guess_and_ten_times_the_counts_change_nothing(self, folder: Path) -> None:
        data = scan()
        brighter = scan(probeGuess=7 * data.probeGuess, diff3d=data.diff3d * np.float32(np.sqrt(10)))
        found = self.reconstruct(self.train(brighter, settings(), folder), brighter).object_
        assert np.allclose(self.plain(folder, "unrolled"), found, atol=1e-3)

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
        found = engine.refined(self.reconstruct(model, data))
        shape = data.objectGuess.shape
        obj = found.object_[: shape[0], : shape[1]]
        lit = found.dose[: shape[0], : shape[1]] > 0.3 * np.median(found.dose[found.dose > 0.1 * found.dose.max()])
        aligned, info = align(obj, data.objectGuess, lit)
        assert abs(info["shift_y_px"]) < 0.5
        assert abs(info["shift_x_px"]) < 0.5
        truth = data.objectGuess
        assert np.corrcoef(np.abs(aligned[lit]), np.abs(truth[lit]))[0, 1] > 0.9

    def test_positions_may_be_negative(self, folder: Path) -> None:
        data = scan()
        centred = scan(xcoords=data.xcoords - data.xcoords.mean(), ycoords=data.ycoords - data.ycoords.mean())
        found = self.reconstruct(self.train(centred, settings(), folder), centred)
        assert (found.positions_px >= 0).all()
        assert np.allclose(np.diff(found.positions_px, axis=0), np.diff(centred.positions_px, axis=0))

    def test_positions_in_the_file_are_used_even_if_positions_provided_is_false(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        data = scan()
        found = self.reconstruct(self.train(data, settings(positions_provided=False), folder), data).object_
        assert np.array_equal(found, self.plain(folder, "unrolled"))
        assert "positions_provided is False" in caplog.text

    def test_patterns_of_another_size_are_refused(self, folder: Path) -> None:
        other = RawData(**simulate_scan(32, 30, 1e5, 0))
        with pytest.raises(DataError, match="32 pixels wide"):
            self.reconstruct(self.trained(folder, "unrolled"), other)

    def test_the_central_square_limits_what_is_stitched(self, folder: Path) -> None:
        data, model = scan(), self.trained(folder, "unrolled")
        arguments = (INFERENCE, replace(EXACT, middle_trim=6), ignore, never)
        trimmed = model.reconstruct(data, *arguments)
        whole = self.reconstruct(model, data)
        assert (trimmed.dose > 0).sum() < (whole.dose > 0).sum()

    def test_a_reconstruction_can_be_stopped(self, folder: Path) -> None:
        found = self.reconstruct(self.trained(folder, "unrolled"), scan(), should_stop=lambda: True)
        assert found.dose.max() == 0
