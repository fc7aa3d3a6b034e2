"""Reading a checkpoint file without executing anything in it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import IO, Any

import torch

from ptychopinn.errors import ArchiveError, MissingFileError


def read_checkpoint(path: str | Path | IO[bytes]) -> dict[str, Any]:
    """Return the content of a checkpoint file on the CPU; nothing in it is executed.

    Raises
    ------
    MissingFileError
        There is no file.
    ArchiveError
        It is damaged, or holds anything but weights and plain settings.
    """
    if isinstance(path, (str, Path)) and not Path(path).is_file():
        raise MissingFileError(f"there is no file {path}", "the .ckpt of a training run", "Check the path.")
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise ArchiveError(
            f"{path} cannot be read as a checkpoint",
            "the .ckpt of a training run of this program",
            "Choose another file, or copy it again.",
        ) from error
    if not isinstance(found, dict) or "state_dict" not in found:
        raise ArchiveError(f"{path} holds no weights", "a checkpoint of this program", "Choose another file.")
    return found
