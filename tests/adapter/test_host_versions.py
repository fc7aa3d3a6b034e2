"""Stock ptychodus from its package index trains, saves, opens and reconstructs with this distribution, unchanged."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from ptychopinn.quality.align import align

DRIVER = Path(__file__).with_name("host_driver.py")
# In process, in a spawned child, with an own reconstruction that is broken, and with all probe modes.
RELEASES = ("1.4.2", "1.5.1", "1.6.0", "1.7.0")
CANNOT_RECONSTRUCT = "1.6.0"
EPOCHS = {"tensorflow": 8, "torch": 4}
# A narrow network and small batches: what a few seconds of training need to show the object.
SETTINGS: Mapping[str, dict[str, dict[str, str]]] = {
    "tensorflow": {
        "PtychoPINNTraining": {"NumEpochs": str(EPOCHS["tensorflow"]), "BatchSize": "8"},
        "PtychoPINNModel": {"NumFiltersScale": "1"},
    },
    "torch": {
        "PtychoPINNTorchTraining": {"epochs": str(EPOCHS["torch"]), "batch_size": "8"},
        "PtychoPINNTorchData": {"coordinate_subsampling_factor": "3"},
        "PtychoPINNTorchModel": {"amplitude_activation_function": "sigmoid", "num_filters_scale": "1"},
    },
}
NAMES = {"tensorflow": ("PINN", "Supervised"), "torch": ("Unsupervised", "Supervised")}
EPOCH_LINE = re.compile(r"epoch (\d+)/(\d+): loss \S+, val_loss \S+, \S+ s, ETA \S+ s")
Install = Callable[[str], Path]

pytestmark = pytest.mark.slow


def run(host: Path, *command: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(part) for part in (host, *command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


def drive(
    host: Path, action: str, library: str, name: str, scan: Path, folder: Path
) -> subprocess.CompletedProcess[str]:
    return run(host, DRIVER, action, library, name, scan, folder, json.dumps([SETTINGS[library]]))


def objects(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The reconstructed and the given object."""
    found, given = np.load(folder / "object.npy"), np.load(folder / "given.npy")
    assert found.ndim == 2
    assert np.iscomplexobj(found)
    assert np.isfinite(found).all()
    # It covers the scan, although a host asks for one group by default.
    assert min(found.shape) >= min(given.shape) - 64
    return found, given


def agreement(folder: Path) -> tuple[float, float]:
    """Correlation of the phases of the reconstructed and the true object in the scan, and their distance in pixels."""
    found, given = objects(folder)
    # Both lie around the same centre.
    side = min(*found.shape, *given.shape)
    found, given = middle(found, side), middle(given, side)
    # The outer quarter pattern was lit by the rim of the probe only.
    mask = np.zeros(found.shape, bool)
    mask[32:-32, 32:-32] = True
    aligned, shift = align(found, given, mask)
    phases = [np.angle(array[mask] * np.exp(-1j * np.angle(array[mask].mean()))) for array in (aligned, given)]
    return float(np.corrcoef(*phases)[0, 1]), float(np.hypot(shift["shift_y_px"], shift["shift_x_px"]))


def middle(array: np.ndarray, side: int) -> np.ndarray:
    return array[tuple(slice((n - side) // 2, (n - side) // 2 + side) for n in array.shape)]


def expect_the_object(folder: Path, least_correlation: float) -> None:
    correlation, distance_px = agreement(folder)
    assert correlation >= least_correlation
    # What is hardly to be seen cannot be registered to a pixel.
    assert distance_px <= 1 or correlation < 0.5


@pytest.mark.parametrize("library", SETTINGS)
@pytest.mark.parametrize("release", RELEASES)
def test_a_host_trains_saves_opens_and_reconstructs(
    install_host: Install, scan: Path, tmp_path: Path, release: str, library: str, least_correlation: float
) -> None:
    host = install_host(release)
    done = drive(host, "train", library, NAMES[library][0], scan, tmp_path)
    assert f"ptychodus {release}" in done.stdout
    assert "trained" in done.stdout
    # These lines are all that a user of the host sees of a training.
    assert [found[0] for found in EPOCH_LINE.findall(done.stdout + done.stderr)] == [
        str(n + 1) for n in range(EPOCHS[library])
    ]
    if release == CANNOT_RECONSTRUCT:
        # It asks for an attribute of its own that it has removed.
        return
    drive(host, "reconstruct", library, NAMES[library][0], scan, tmp_path)
    expect_the_object(tmp_path, least_correlation)


@pytest.mark.parametrize("library", SETTINGS)
def test_a_supervised_model_is_trained_on_the_object_of_the_product(
    host_1_7_0: Path, scan: Path, tmp_path: Path, library: str
) -> None:
    done = drive(host_1_7_0, "both", library, NAMES[library][1], scan, tmp_path)
    losses = [float(text) for text in re.findall(r"epoch \d+/\d+: loss (\S+),", done.stdout + done.stderr)]
    assert len(losses) == EPOCHS[library]
    assert losses[-1] < losses[0]
    objects(tmp_path)


@pytest.mark.parametrize(("release", "library"), [("1.4.2", "tensorflow"), ("1.7.0", "torch")])
def test_the_batch_mode_trains_and_reconstructs(
    install_host: Install, scan: Path, tmp_path: Path, release: str, library: str, least_correlation: float
) -> None:
    host = install_host(release)
    drive(host, "batch", library, NAMES[library][0], scan, tmp_path)
    output = tmp_path / "output"
    run(host, "-m", "ptychodus", "-b", "train", "-i", tmp_path, "-o", output)
    (model,) = [*output.rglob("*.ckpt"), *output.glob("wts.h5.zip")]
    shutil.copy(model, tmp_path / f"model{model.suffix}")
    run(host, "-m", "ptychodus", "-b", "reconstruct", "-i", tmp_path, "-o", output)
    drive(host, "read", library, NAMES[library][0], scan, tmp_path)
    expect_the_object(tmp_path, least_correlation)


def test_a_training_is_not_influenced_by_an_earlier_one_in_the_same_process(
    install_host: Install, scan: Path, tmp_path: Path
) -> None:
    host = install_host("1.4.2")
    for folder, photons in (("alone", ["1e9"]), ("after", ["1e4", "1e9"])):
        (tmp_path / folder).mkdir()
        trainings = [
            {"PtychoPINNTraining": {"NumEpochs": "2", "NumPhotons": count}, "PtychoPINNModel": {"NumFiltersScale": "1"}}
            for count in photons
        ]
        run(host, DRIVER, "both", "tensorflow", "PINN", scan, tmp_path / folder, json.dumps(trainings))
    alone, after = (np.load(tmp_path / folder / "object.npy") for folder in ("alone", "after"))
    assert np.linalg.norm(after - alone) <= 0.01 * np.linalg.norm(alone)
