"""Files of other programs are dropped and opened like an NPZ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from app_support import lock, send_drop, toast_texts
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from builders import write_scan
from ptychopinn.product import hdf5
from ptychopinn.product.product import Product
from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.session.opened_paths import open_request


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A scan as ptychodus keeps it: product and patterns."""
    arrays = np.load(write_scan(tmp_path / "scan.npz"))
    positions = np.stack([arrays["ycoords"], arrays["xcoords"]], axis=1)
    folder = tmp_path / "ptychodus"
    folder.mkdir()
    hdf5.write(folder / "product.h5", Product(arrays["objectGuess"], arrays["probeGuess"][None], positions, 1e-8))
    with h5py.File(folder / "diffraction.h5", "w") as file:
        file["patterns"] = np.rint(arrays["diff3d"] ** 2).astype(np.uint32)
        file["indexes"] = np.arange(len(positions))
    return folder / "product.h5", folder / "diffraction.h5"


@pytest.mark.parametrize("which", [(0,), (1,), (0, 1), (1, 0)])
def test_formats_a_product_its_patterns_or_both_are_dropped_as_one_scan(
    window: MainWindow, pair: tuple[Path, Path], qtbot: QtBot, which: tuple[int, ...]
) -> None:
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        assert send_drop(window, *(pair[index] for index in which))
    scan = window.session.state.scan
    assert scan is not None and scan.summary.n_patterns == 37 and scan.summary.units == "intensity"
    assert window.session.state.test_scan is None
    card = window.findChild(QWidget, "dataCard")
    assert card is not None
    with qtbot.waitSignal(window.session.datasets.patternRead, timeout=15_000) as read:
        window.session.datasets.request_pattern(5)
    with h5py.File(pair[1], "r") as file:
        np.testing.assert_allclose(read.args[1] ** 2, file["patterns"][5], rtol=1e-5)


def write_ptychi(folder: Path, arrays: dict[str, np.ndarray]) -> list[Path]:
    """Write the two files of pty-chi; positions in metres from the object's centre."""
    half = (np.array(arrays["objectGuess"].shape) - 1) / 2
    with h5py.File(folder / "para.hdf5", "w") as file:
        file["object"] = arrays["objectGuess"][None]
        file["object"].attrs["pixel_height_m"] = 1e-8
        file["probe"] = arrays["probeGuess"][None, None]
        file["probe_position_y_m"] = (arrays["ycoords"] - half[0]) * 1e-8
        file["probe_position_x_m"] = (arrays["xcoords"] - half[1]) * 1e-8
    with h5py.File(folder / "dp.hdf5", "w") as file:
        file["dp"] = np.rint(arrays["diff3d"] ** 2).astype(np.uint32)
    return [folder / "dp.hdf5", folder / "para.hdf5"]


def write_cxi(folder: Path, arrays: dict[str, np.ndarray]) -> list[Path]:
    """Write a CXI file whose geometry gives an object pixel of 10 nm."""
    side = arrays["diff3d"].shape[-1]
    energy, distance, wave = 1.6e-15, 2.0, 1.98644586e-25 / 1.6e-15
    with h5py.File(folder / "scan.cxi", "w") as file:
        entry = file.create_group("entry_1")
        entry["instrument_1/source_1/energy"] = energy
        entry["instrument_1/detector_1/distance"] = distance
        for axis in "xy":
            entry[f"instrument_1/detector_1/{axis}_pixel_size"] = wave * distance / (side * 1e-8)
        entry["instrument_1/detector_1/data"] = np.rint(arrays["diff3d"] ** 2).astype(np.uint32)
        places = np.stack([arrays["xcoords"], arrays["ycoords"], 0 * arrays["xcoords"]], axis=1)
        entry["sample_1/geometry_1/translation"] = places * 1e-8
        entry["image_1/data"] = arrays["probeGuess"]
    return [folder / "scan.cxi"]


@pytest.mark.parametrize("write", [write_ptychi, write_cxi])
def test_formats_files_of_pty_chi_and_cxi_are_dropped_and_looked_at(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, write: Callable[[Path, dict[str, np.ndarray]], list[Path]]
) -> None:
    arrays = dict(np.load(write_scan(tmp_path / "scan.npz")))
    folder = tmp_path / "theirs"
    folder.mkdir()
    with qtbot.waitSignal(window.session.state.scanChanged, timeout=15_000):
        assert send_drop(window, *write(folder, arrays))
    scan = window.session.state.scan
    assert scan is not None and scan.usable and scan.preview is not None and scan.preview.probe is not None
    assert scan.summary.n_patterns == 37 and scan.summary.units == "intensity"
    for axis, name in enumerate(("ycoords", "xcoords")):
        found = scan.preview.positions_px[:, axis]
        np.testing.assert_allclose(np.diff(found), np.diff(arrays[name]), atol=1e-3)
    assert window.session.state.test_scan is None and window.action("actionQuickLook").isEnabled()


def test_formats_a_product_without_patterns_says_what_is_missing(
    window: MainWindow, pair: tuple[Path, Path], qtbot: QtBot
) -> None:
    pair[1].unlink()
    window.session.files.open_paths([pair[0]])
    qtbot.waitUntil(lambda: "has no patterns" in toast_texts(window), timeout=15_000)
    assert window.session.state.scan is None


def touch(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return [folder / name for name in names]


def test_every_dropped_file_is_opened_or_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        touch(tmp_path / name, "train_data.npz", "test_data.npz")
    found = open_request([tmp_path / "one", tmp_path / "two"])
    assert len(found.batch) == 4 and not found.scans and "4 scans" in found.describe()
    (file,) = touch(tmp_path, "a.npz")
    assert len(open_request([file, tmp_path / "one"]).batch) == 3
    (tmp_path / "one" / "test_data.npz").unlink()
    found = open_request([file, tmp_path / "one"])
    assert found.scans == (("train", tmp_path / "one" / "train_data.npz"), ("test", file)), (
        "a folder says what it holds"
    )
    same = open_request([tmp_path / "one", tmp_path / "one" / "train_data.npz"])
    assert same.scans == (("train", tmp_path / "one" / "train_data.npz"),), "one file fills one slot"
    models = touch(tmp_path, "first.h5.zip", "second.h5.zip")
    found = open_request(models)
    assert found.model == models[0] and "second.h5.zip" in found.refused[0] and "first.h5.zip" in found.refused[0]


@pytest.mark.parametrize(
    ("names", "roles"),
    [(("test.npz",), ["train"]), (("a_test.npz", "a_train.npz"), ["test", "train"]), (("b.npz", "a.npz"), None),
     (("a.npz", "b_test.npz"), ["train", "test"])],
)  # fmt: skip
def test_file_names_decide_the_role_of_scans(tmp_path: Path, names: tuple[str, ...], roles: list[str] | None) -> None:
    paths = touch(tmp_path, *names)
    taken = {path: role for role, path in open_request(paths).scans}
    assert [taken[path] for path in paths] == (roles or ["train", "test"])


def test_a_folder_without_read_permission_is_refused(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    lock(monkeypatch, "closed")
    assert not send_drop(window, tmp_path / "closed")
    assert "closed cannot be read (Permission denied)" in toast_texts(window)


def test_formats_two_unrelated_scans_become_training_and_test_data(tmp_path: Path) -> None:
    for name in ("a.cxi", "b.cxi"):
        (tmp_path / name).write_bytes(b"")
    found = open_request([tmp_path / "a.cxi", tmp_path / "b.cxi"])
    assert [role for role, _ in found.scans] == ["train", "test"]
