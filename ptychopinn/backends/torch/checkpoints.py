"""Lightning checkpoints: writing those of the best epochs, reading one without executing anything in it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import IO, Any

import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.errors import ArchiveError, MissingFileError


def build_checkpoint(output_dir: Path, execution: PyTorchExecutionConfig, metric: str) -> ModelCheckpoint:
    """Return the callback that writes ``checkpoints/*.ckpt`` of the best epochs by a metric."""
    return ModelCheckpoint(
        dirpath=output_dir / "checkpoints",
        filename="epoch-{epoch:04d}",
        monitor=metric,
        mode=execution.checkpoint_mode,
        save_top_k=execution.checkpoint_save_top_k,
        auto_insert_metric_name=False,
    )


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
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise ArchiveError(
            f"{path} cannot be read as a checkpoint",
            "the .ckpt of a training run of this program",
            "Choose another file, or copy it again.",
        ) from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise ArchiveError(f"{path} holds no weights", "a checkpoint of this program", "Choose another file.")
    return checkpoint
