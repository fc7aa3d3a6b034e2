"""Sort files that were dropped or named on the command line into scans, a model, and refused files (no Qt)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ptychopinn.data.scan_names import SCAN_SUFFIXES, partner_names
from ptychopinn.files.names import MODEL_FILE, TEST_DATA_FILE, TRAIN_DATA_FILE

# Two scans are training and test data; more are a batch.
MOST_OPENED = 2
_MODEL = "model"
_IN_FOLDER = (("train", TRAIN_DATA_FILE), ("test", TEST_DATA_FILE), (_MODEL, MODEL_FILE))


@dataclass(frozen=True)
class OpenRequest:
    """The files to open, sorted by kind.

    Attributes
    ----------
    scans : (role, path) with role 'train' or 'test'
    batch : three or more scans, to be processed one after another
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
        """Describe what will be opened, one item per line."""
        roles = {"train": "training data", "test": "test data"}
        lines = [f"{path.name} as {roles[role]}" for role, path in self.scans]
        if self.batch:
            lines.append(
                f"{len(self.batch)} scans to be queued for reconstruction, or for a quick look if no model is open"
            )
        if self.model is not None:
            lines.append(f"{self.model.name} as the model")
        return "\nand ".join(lines)


def open_request(paths: Iterable[Path]) -> OpenRequest:
    """Sort files by kind: NPZ, HDF5 and CXI files are scans, ``.h5.zip`` files are models.

    Folders are searched for train_data.npz, test_data.npz and a model, so that opening a run folder opens its model.
    Two HDF5 files that contain the patterns and the parameters of one scan count as one scan. The result's `refused`
    explains why files are not opened.
    """
    scans: list[tuple[str, Path]] = []
    model: Path | None = None
    refused = []
    for path in dict.fromkeys(paths):
        try:
            contents = _look(path)
        except OSError as error:
            refused.append(f"{path.name} cannot be read ({error.strerror}). Ask for access, or copy the file.")
            continue
        if isinstance(contents, str):
            refused.append(f"{path.name}: {contents}")
            continue
        for role, file in contents:
            if role != _MODEL:
                # Skip the second file of a pair, and a file whose folder was opened as well.
                scans += [] if any(file == other or _partners(file, other) for _, other in scans) else [(role, file)]
            elif model is None:
                model = file
            else:
                refused.append(f"{path.name}: only one model can be open at a time; {model.name} was opened.")
    if len(scans) > MOST_OPENED:
        return OpenRequest((), tuple(path for _, path in scans), model, tuple(refused))
    return OpenRequest(_slots(scans), (), model, tuple(refused))


def _look(path: Path) -> str | list[tuple[str, Path]]:
    """Return (role, file) for each scan and model at a path, or a sentence that says why the path is refused."""
    if path.is_dir():
        contents = [(role, path / name) for role, name in _IN_FOLDER if (path / name).is_file()]
        return contents or f"the folder has no {MODEL_FILE}, {TRAIN_DATA_FILE} or {TEST_DATA_FILE}."
    if not path.exists():
        return "no such file."
    if path.name.endswith(".h5.zip"):
        return [(_MODEL, path)]
    if path.suffix.lower() in SCAN_SUFFIXES:
        return [("test" if "test" in path.stem.lower() else "", path)]
    return "not a scan (NPZ, HDF5, CXI) or a model (wts.h5.zip)."


def _slots(scans: list[tuple[str, Path]]) -> tuple[tuple[str, Path], ...]:
    """Assign roles to one or two scans; a single scan is training data unless its file is test_data.npz."""
    if len(scans) == 1:
        role, path = scans[0]
        return (("test" if role == "test" and path.name == TEST_DATA_FILE else "train", path),)
    if len(scans) == MOST_OPENED:
        first, second = (role for role, _ in scans)
        if (first == "test" and second != "test") or (second == "train" and first != "train"):
            scans = scans[::-1]
    return tuple(zip(("train", "test"), (path for _, path in scans), strict=False))


def _partners(path: Path, other: Path) -> bool:
    """Whether two files are in the same folder and named like a scan's pattern file and parameter file."""
    if path.parent != other.parent or ".npz" in (path.suffix.lower(), other.suffix.lower()):
        return False
    return other.name in partner_names(path) or path.name in partner_names(other)
