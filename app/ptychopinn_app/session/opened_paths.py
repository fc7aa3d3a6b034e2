"""What dropped or named files are: scans for the two slots, a model, or nothing we open (no Qt)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ptychopinn.data.scan_names import SCAN_SUFFIXES, partner_names
from ptychopinn.files.names import MODEL_FILE, TEST_DATA_FILE, TRAIN_DATA_FILE

# Two scans fill the two slots; more are a batch.
MOST_OPENED = 2
_MODEL = "model"
FOLDER_SLOTS = (("train", TRAIN_DATA_FILE), ("test", TEST_DATA_FILE))


@dataclass(frozen=True)
class OpenRequest:
    """What opening some files means.

    Attributes
    ----------
    scans : (role, path) with role 'train' or 'test'
    batch : three scans and more, to be worked on one after another
    refused : one sentence per file that cannot be opened
    """

    scans: tuple[tuple[str, Path], ...] = ()
    batch: tuple[Path, ...] = ()
    model: Path | None = None
    refused: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything can be opened."""
        return bool(self.scans or self.batch) or self.model is not None

    def describe(self) -> str:
        """Say what opening them will do, one line each."""
        roles = {"train": "training data", "test": "test data"}
        lines = [f"{path.name} as {roles[role]}" for role, path in self.scans]
        if self.batch:
            lines.append(
                f"{len(self.batch)} scans into the queue: reconstructed with the model, or a quick look at each"
            )
        if self.model is not None:
            lines.append(f"{self.model.name} as the model")
        return "\nand ".join(lines)


def open_request(paths: Iterable[Path]) -> OpenRequest:
    """Sort files: NPZ, HDF5 and CXI are scans, ``.h5.zip`` a model, a folder may hold train_data.npz, test_data.npz.

    The folder of a run is its model. Patterns and parameters of one scan in two HDF5 files count once. What is not
    opened is refused, never left out.
    """
    scans: list[tuple[str, Path]] = []
    model: Path | None = None
    refused = []
    for path in dict.fromkeys(paths):
        try:
            contents = _look(path)
        except OSError as error:
            refused.append(f"{path.name} cannot be read ({error.strerror}). Ask for the right to it, or copy it.")
            continue
        if isinstance(contents, str):
            refused.append(f"{path.name}: {contents}")
            continue
        for role, file in contents:
            if role != _MODEL:
                # The second file of a pair comes with the first, a file of a folder with the folder.
                scans += [] if any(file == other or _partners(file, other) for _, other in scans) else [(role, file)]
            elif model is None:
                model = file
            else:
                refused.append(f"{path.name}: one model can be open at a time, and {model.name} is opened.")
    if len(scans) > MOST_OPENED:
        return OpenRequest((), tuple(path for _, path in scans), model, tuple(refused))
    return OpenRequest(_slots(scans), (), model, tuple(refused))


def _look(path: Path) -> str | list[tuple[str, Path]]:
    """Give what a file or a folder holds, scans with the slot they name, or why it is refused."""
    if path.is_dir():
        holds = (*FOLDER_SLOTS, (_MODEL, MODEL_FILE))
        contents = [(role, path / name) for role, name in holds if (path / name).is_file()]
        return contents or f"the folder holds neither {MODEL_FILE} nor train_data.npz nor test_data.npz."
    if not path.exists():
        return "there is no such file."
    if path.name.endswith(".h5.zip"):
        return [(_MODEL, path)]
    if path.suffix.lower() in SCAN_SUFFIXES:
        return [("test" if "test" in path.stem.lower() else "", path)]
    return "neither a scan (NPZ, HDF5, CXI) nor a wts.h5.zip model."


def _slots(scans: list[tuple[str, Path]]) -> tuple[tuple[str, Path], ...]:
    """Give one or two scans their slots; a single file is always one to train on, a folder says what it holds."""
    if len(scans) == 1:
        role, path = scans[0]
        return (("test" if role == "test" and _from_folder(path) else "train", path),)
    if len(scans) == MOST_OPENED:
        first, second = (role for role, _ in scans)
        if (first == "test" and second != "test") or (second == "train" and first != "train"):
            scans = scans[::-1]
    return tuple(zip(("train", "test"), (path for _, path in scans), strict=False))


def _partners(path: Path, other: Path) -> bool:
    """Whether two HDF5 files may be one scan: pattern and parameter file of a folder name each other."""
    if path.parent != other.parent or ".npz" in (path.suffix.lower(), other.suffix.lower()):
        return False
    return other.name in partner_names(path) or path.name in partner_names(other)


def _from_folder(path: Path) -> bool:
    return path.name == FOLDER_SLOTS[1][1]
