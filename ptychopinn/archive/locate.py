"""Find the model archive at a path.

Host programs pass the archive itself under any name, a folder that contains it, a folder with its unpacked content, or
a zip file that contains it.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ptychopinn.archive.manifest import MANIFEST_NAME
from ptychopinn.errors import ArchiveError, MissingFileError
from ptychopinn.files.names import MODEL_FILE
from ptychopinn.files.zip_damage import ZIP_DAMAGE


class MissingArchiveError(MissingFileError, ArchiveError):
    """No model archive was found at a path; both a FileNotFoundError and a ValueError."""


@dataclass(frozen=True)
class Location:
    """Location of a model archive: a zip file, an unpacked folder, or a zip file inside another (``member``)."""

    path: Path
    kind: Literal["file", "folder", "nested"]
    member: str = ""


def locate(path: str | Path) -> Location:
    """Return the location of the model archive at a path.

    Raises
    ------
    MissingArchiveError
        No archive was found; the message names the path.
    ArchiveError
        The file is not a zip file, or is truncated.
    """
    place = Path(path)
    if place.is_dir():
        if (place / MODEL_FILE).is_file():
            return _inside(place / MODEL_FILE)
        if (place / MANIFEST_NAME).is_file():
            return Location(place, "folder")
        raise MissingArchiveError(
            f"Model archive not found: the folder {place} contains neither {MODEL_FILE} nor {MANIFEST_NAME}",
            mend="Choose the folder of a finished training run.",
        )
    if place.is_file():
        return _inside(place)
    raise MissingArchiveError(
        f"Model archive not found: {place} does not exist",
        f"a {MODEL_FILE} file or a folder that contains one",
        "Check the path.",
    )


def _inside(file: Path) -> Location:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except ZIP_DAMAGE as error:
        raise not_a_zip(file) from error
    if MANIFEST_NAME not in names:
        nested = sorted((name for name in names if name.split("/")[-1] == MODEL_FILE), key=len)
        if nested:
            return Location(file, "nested", nested[0])
    return Location(file, "file")


def not_a_zip(file: Path) -> ArchiveError:
    """Return the error for a file that zipfile rejects: truncated, empty, or not a zip file."""
    with file.open("rb") as stream:
        start = stream.read(2)
    if start == b"PK":
        return ArchiveError(
            f"The model archive {file} is damaged or truncated, perhaps by an interrupted copy or save",
            mend="Copy it again, or save the model again.",
        )
    fault = "is empty" if not start else "is not a zip file (and not a directory)"
    return ArchiveError(f"{file} {fault}", f"a model archive ({MODEL_FILE})", "Choose another file.")
