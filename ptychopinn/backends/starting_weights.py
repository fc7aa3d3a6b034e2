"""A training that goes on from an earlier model: what must agree before its weights are taken."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.archive.bundle import open_bundle
from ptychopinn.backends.stored_settings import settings_from_plain
from ptychopinn.config.model import NETWORK_FIELDS, ModelConfig
from ptychopinn.errors import ArchiveError, ConfigError


def start_settings(archive: Path, backend: str) -> ModelConfig:
    """Return the model settings of an archive to start from.

    Raises
    ------
    ArchiveError
        It is damaged, another backend's, or does not hold the settings of its training.
    """
    bundle = open_bundle(archive, backend)
    try:
        return settings_from_plain(dict(bundle.manifest["config"])).model
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError(
            f"{bundle.location.path} does not hold the settings of its training",
            "the wts.h5.zip of a training of this program",
            "Train from the beginning.",
        ) from error


def check_start(archive: Path, stored: ModelConfig, model: ModelConfig) -> None:
    """Refuse a start whose weights would not fit the network that is to be trained.

    Raises
    ------
    ConfigError
        A setting that decides the shape of the network differs.
    """
    differing = [name for name in NETWORK_FIELDS if getattr(stored, name) != getattr(model, name)]
    if differing:
        there = ", ".join(f"{name} = {getattr(stored, name)}" for name in differing)
        here = ", ".join(f"{name} = {getattr(model, name)}" for name in differing)
        raise ConfigError(
            f"the model to start from, {archive.name}, has {there}, but the settings say {here}",
            "the same network",
            "Take the model's settings, or train from the beginning.",
        )
