"""In the window of a stock ptychodus a user trains a model of this distribution and infers with it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from ptychopinn.physics.simulate import simulate_scan

DRIVER = Path(__file__).with_name("host_window.py")
PATTERN_PX = 32
EPOCHS = 2
MODELS = {"tensorflow": "wts.h5.zip", "torch": "run_*/**/*.ckpt"}
LOGGERS = {"tensorflow": "ptychopinn", "torch": "ptychopinn-torch"}
EPOCH_LINE = r"\[INFO\] {}: epoch (\d+)/{}: loss (\S+), val_loss \S+, (\S+) s, ETA \S+ s$"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("library", MODELS)
def test_a_user_of_the_window_trains_a_model_opens_it_and_infers(
    host_1_7_0: Path, tmp_path: Path, library: str
) -> None:
    scan = tmp_path / "scan.npz"
    arrays = simulate_scan(PATTERN_PX, 80, 1e5, 0, step_px=3.0)
    np.savez(scan, **arrays)
    folder = tmp_path / "run"
    folder.mkdir()
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    done = subprocess.run(
        [str(part) for part in (host_1_7_0, DRIVER, library, scan, folder, EPOCHS)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(list(folder.glob(MODELS[library]))) == 1
    # What the window says of a training is what the library logs.
    pane = (folder / "log.txt").read_text()
    lines = re.findall(EPOCH_LINE.format(LOGGERS[library], EPOCHS), pane, re.MULTILINE)
    assert [int(epoch) for epoch, _, _ in lines] == list(range(1, EPOCHS + 1))
    assert all(np.isfinite(float(loss)) and float(seconds) >= 0 for _, loss, seconds in lines)
    assert (folder / "object_phase.png").stat().st_size > 0
    found = np.load(folder / "object.npy")
    assert np.iscomplexobj(found)
    assert np.isfinite(found).all()
    # The scan, and half a pattern's width of object around it.
    spans = np.array([np.ptp(arrays["ycoords"]), np.ptp(arrays["xcoords"])])
    assert (found.shape >= spans + PATTERN_PX / 2 - 1).all()
    margins = (np.array(found.shape) - spans).astype(int) // 2 + 1
    scanned = found[margins[0] : -margins[0], margins[1] : -margins[1]]
    assert np.abs(scanned).min() > 0
    assert np.angle(scanned).std() > 0
