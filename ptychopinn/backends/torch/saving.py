"""Model archives of the PyTorch backend (Specification §4.6)."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch

from ptychopinn.archive import safe_dill
from ptychopinn.archive.bundle import open_bundle, write_bundle
from ptychopinn.archive.manifest import MODELS, new_manifest
from ptychopinn.backends.base import History
from ptychopinn.backends.stored_settings import legacy_params, plain_settings
from ptychopinn.backends.torch.training import TrainedNetwork
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.version import __version__

NAME = "pytorch"


def save_archive(path: Path, trained: TrainedNetwork, config: TrainingConfig) -> None:
    """Write ``wts.h5.zip`` with both models; the network is stored whole under each name."""
    settings = plain_settings(config)
    module = trained.module
    checkpoint = io.BytesIO()
    torch.save(
        {
            "state_dict": module.state_dict(),
            "hyper_parameters": {
                **module.hyper_parameters(),
                "training": settings,
                "history": {"loss": list(trained.history.loss), "val_loss": list(trained.history.val_loss)},
                "best_epoch": trained.history.best_epoch,
            },
        },
        checkpoint,
    )
    params = legacy_params(config, trained.mean_counts)
    members: dict[str, bytes] = {}
    for model in MODELS:
        members[f"{model}/model.ckpt"] = checkpoint.getvalue()
        members[f"{model}/params.dill"] = safe_dill.dumps(params)
    write_bundle(path, members, new_manifest(NAME, f"ptychopinn {__version__}", settings))


def load_archive(path: Path) -> tuple[TrainedNetwork, TrainingConfig]:
    """Open an archive of this backend; nothing in it is executed.

    Raises
    ------
    ArchiveError
        It belongs to another backend, is damaged, or its weights do not fit its settings.
    """
    bundle = open_bundle(path, NAME)
    data = bundle.read("diffraction_to_obj/model.ckpt")
    try:
        checkpoint = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
        known = checkpoint["hyper_parameters"]
        module = PtychoPINN_Lightning.from_checkpoint(checkpoint)
    except ArchiveError:
        raise
    except Exception as error:
        raise ArchiveError(
            f"the weights in {path} cannot be read ({type(error).__name__}: {error})",
            "weights that fit the settings beside them",
            "Save the model again, or open it with the version that wrote it.",
        ) from error
    config = module.config
    losses = known.get("history", {})
    best = int(known.get("best_epoch", 0))
    history = History(tuple(losses.get("loss", ())), tuple(losses.get("val_loss", ())), best)
    scale = np.float32(np.sqrt(module.mean_counts) / config.model.N)
    probe = (module.network.probe.detach().numpy() * scale).astype(np.complex64)
    return TrainedNetwork(module, probe, history), config
