"""What a host that embeds the adapter finds in ``params.cfg``: the settings of the latest job or of the open model."""

from __future__ import annotations

from ptychopinn.archive.bundle import Bundle
from ptychopinn.backends.stored_settings import stored_params
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.populate import populate_legacy_params, restore_legacy_params

_MODEL = "diffraction_to_obj"


def publish_settings(config: TrainingConfig | InferenceConfig) -> None:
    """Write the settings of a job into ``params.cfg``."""
    populate_legacy_params(config)


def publish_model(bundle: Bundle) -> None:
    """Write the settings of a model into ``params.cfg``, as ``load_inference_bundle`` does.

    Raises
    ------
    ArchiveError
        The archive lacks them.
    """
    restore_legacy_params(stored_params(bundle, _MODEL))
