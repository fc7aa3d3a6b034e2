"""What dropped or named files are: scans for the two slots, a model, or nothing we open (no Qt)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ptychopinn.data.scan_names import SCAN_SUFFIXES, partner_names

# Two scans fill the two slots; more are a batch.
MOST_OPENED = 2
MODEL_NAME = "wts.h5.zip"
FOLDER_SLOTS = (("train", "train_data.npz"), ("test", "test_data.npz"))


@dataclass(frozen=True)
class Sorted:
    """Files by what they are.

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


def sort_out(paths: Iterable[Path]) -> Sorted:
    """Sort files: NPZ, HDF5 and CXI are scans, ``.h5.zip`` a model, a folder may hold train_data.npz, test_data.npz.

    The folder of a run is its model. Patterns and parameters of one scan in two HDF5 files count once.
    """
    scans: dict[str, Path] = {}
    model: Path | None = None
    refused = []
    dropped: list[Path] = []
    for path in paths:
        if not path.exists():
            refused.append(f"{path.name}: there is no such file.")
        elif path.is_dir():
            found = [(role, path / name) for role, name in FOLDER_SLOTS if (path / name).is_file()]
            scans.update(found)
            if (path / MODEL_NAME).is_file():
                model = path / MODEL_NAME
            elif not found:
                refused.append(
                    f"{path.name}: the folder holds neither {MODEL_NAME} nor train_data.npz nor test_data.npz."
                )
        elif path.name.endswith(".h5.zip"):
            model = path
        elif path.suffix.lower() in SCAN_SUFFIXES:
            if any(_partners(path, other) for other in dropped):
                # The second file of a pair comes with the first.
                continue
            dropped.append(path)
            role = "test" if "train" in scans or ("test" in path.stem.lower() and "test" not in scans) else "train"
            scans[role] = path
        else:
            refused.append(f"{path.name}: neither a scan (NPZ, HDF5, CXI) nor a wts.h5.zip model.")
    if len(dropped) > MOST_OPENED:
        return Sorted((), tuple(dropped), model, tuple(refused))
    if list(scans) == ["test"] and len(list(scans)) == 1 and not _from_folder(scans["test"]):
        scans = {"train": scans["test"]}
    order = [(role, scans[role]) for role in ("train", "test") if role in scans]
    return Sorted(tuple(order), (), model, tuple(refused))


def _partners(path: Path, other: Path) -> bool:
    """Whether two HDF5 files may be one scan: pattern and parameter file of a folder name each other."""
    if path.parent != other.parent or ".npz" in (path.suffix.lower(), other.suffix.lower()):
        return False
    return other.name in partner_names(path) or path.name in partner_names(other)


def _from_folder(path: Path) -> bool:
    return path.name == FOLDER_SLOTS[1][1]
