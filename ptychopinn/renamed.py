"""Old import names of moved modules; they work for one more version, with a warning."""

from __future__ import annotations

import importlib
import sys
import warnings
from importlib.machinery import ModuleSpec
from types import ModuleType


def _each(names: str, old: str, new: str) -> dict[str, str]:
    return {f"{old}.{name}": new.format(name) for name in names.split()}


# Old to new name, both below ``ptychopinn``. A package stands for its modules too.
RENAMED: dict[str, str] = {
    "legacy": "historic",
    "legacy.shadowing": "historic.names",
    "backends.batches": "data.batches",
    "backends.components": "historic.components",
    "backends.tensorflow.ladder": "backends.tensorflow.cnn",
    "backends.tensorflow.schedules": "backends.schedules",
    "backends.snapshots": "backends.training_watch",
    "backends.starting_weights": "backends.stored_settings",
    "backends.tensorflow.workflow": "historic.tensorflow.components",
    "backends.torch.base_api": "historic.torch.api.base_api",
    "backends.torch.best_checkpoint": "historic.torch.lightning_utils",
    "backends.torch.ladder": "backends.torch.cnn",
    "backends.torch.ladder_options": "backends.torch.cnn_options",
    "backends.torch.legacy_configs": "historic.torch.config_params",
    "backends.torch.schedulers": "backends.torch.lightning_module",
    "backends.torch.api.config_manager": "historic.torch.api.model",
    "backends.torch.api.inference_engine": "historic.torch.api.base_api",
    "backends.torch.api.ptycho_model": "historic.torch.api.model",
    "backends.torch.api.training_data": "historic.torch.api.data_loader",
    "backends.torch.container_prediction": "historic.torch.components",
    "backends.torch.neighbour_epochs": "historic.torch.neighbour_groups",
    "backends.torch.probe_preparation": "historic.torch.scan_data",
    "backends.torch.workflow": "historic.torch.components",
    "cli.execution": "historic.cli.shared",
    "cli.historic": "historic.cli.shared",
    "cli.torch_inference": "historic.cli.inference",
    "cli.torch_train": "historic.cli.train",
    "config.legacy_api": "historic.config",
    "config.legacy_keys": "config.legacy_bridge",
    "config.legacy_params": "historic.params",
    "config.legacy_populate": "historic.populate",
    "data.checks.mending": "data.checks.fixes",
    "data.checks.summary": "data.scan_summary",
    "data.data_files": "historic.raw_data",
    "data.grouped_arrays": "historic.data.container",
    "data.npz_members": "files.npz_members",
    "data.npz_metadata": "historic.metadata",
    "data.patch_container": "historic.data.container",
    "data.scan_offsets": "historic.tensorflow.tf_helper",
    "stitching.central_crop": "historic.data.central_crop",
    "workflow.events": "events",
    "workflow.read_scan": "data.read_scan",
    "workflow.result": "workflow.result_files",
    **_each("atomic zip_damage", "archive", "files.{}"),
    **_each("amplitude_start first_weights ladder_widths", "backends", "backends.method"),
    **_each("checkpoint_file checkpoints", "backends.torch", "backends.torch.saving"),
    **_each("loss_settings schedule sweep_settings", "backends", "backends.method"),
    **_each("loader model_manager tf_helper", "backends.tensorflow", "historic.tensorflow.{}"),
    **_each("accelerator config_overrides overridden_settings", "backends.torch", "historic.torch.settings"),
    **_each("api config_bridge config_factory model_manager", "backends.torch", "historic.torch.{}"),
    **_each("neighbour_groups ptycho_lightning epoch_plan penalties", "backends.torch", "historic.torch.{}"),
    **_each("scan_data scan_prediction settings", "backends.torch", "historic.torch.{}"),
}


def new_name(name: str) -> str | None:
    """Return the new full name of a module, or None if it was not moved."""
    old = name.removeprefix("ptychopinn.")
    package, _, module = old.rpartition(".")
    new = RENAMED.get(old) or (f"{RENAMED[package]}.{module}" if package in RENAMED else None)
    return new and f"ptychopinn.{new}"


class OldNames:
    """Finder and loader of old names; a module is the same object under its old and its new name.

    The finder must precede Python's file finder, which would load a second copy of a module in a moved package.
    """

    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return a specification for an old name, None for any other."""
        if not name.startswith("ptychopinn.") or new_name(name) is None:
            return None
        return ModuleSpec(name, cls)  # type: ignore[arg-type]

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Let Python create an empty module."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Replace the empty module with the real module."""
        old, new = module.__name__, str(new_name(module.__name__))
        message = f"{old} is now {new}; the old name will be removed in the next version. Import {new} instead."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        sys.modules[old] = importlib.import_module(new)
