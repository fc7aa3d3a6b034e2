"""Training with a known object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend_suite.base import BackendTests, scan, settings
from ptychopinn.errors import DataError


class TruthTests(BackendTests):
    """Training with a known object."""

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
