"""The one-way bridge from the configuration dataclasses to the legacy dictionary (API specification, section 2.3)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig

# Fields whose legacy key differs (PtychoPINN-ptychodus API specification, section 6).
KEY_MAPPINGS: dict[str, str] = {
    "object_big": "object.big",
    "probe_big": "probe.big",
    "probe_mask": "probe.mask",
    "probe_trainable": "probe.trainable",
    "intensity_scale_trainable": "intensity_scale.trainable",
    "positions_provided": "positions.provided",
    "output_dir": "output_prefix",
    "train_data_file": "train_data_file_path",
    "test_data_file": "test_data_file_path",
}

# What a historic program finds in ``params.cfg`` before anything is set.
LEGACY_DEFAULTS: dict[str, Any] = {
    "N": 128,
    "offset": 4,
    "gridsize": 2,
    "outer_offset_train": None,
    "outer_offset_test": None,
    "batch_size": 16,
    "nepochs": 60,
    "n_filters_scale": 2,
    "output_prefix": "outputs",
    "big_gridsize": 10,
    "max_position_jitter": 10,
    "sim_jitter_scale": 0.0,
    "default_probe_scale": 0.7,
    "mae_weight": 0.0,
    "nll_weight": 1.0,
    "tv_weight": 0.0,
    "realspace_mae_weight": 0.0,
    "realspace_weight": 0.0,
    "nphotons": 1e9,
    "nimgs_train": 9,
    "nimgs_test": 3,
    "data_source": "generic",
    "probe.trainable": False,
    "intensity_scale.trainable": False,
    "positions.provided": False,
    "object.big": True,
    "probe.big": False,
    "probe_scale": 10.0,
    "set_phi": False,
    "probe.mask": True,
    "pad_object": True,
    "model_type": "pinn",
    "label": "",
    "size": 392,
    "amp_activation": "sigmoid",
    "h5_path": "wts.h5",
    "npseed": 42,
    "debug": True,
    "gaussian_smoothing_sigma": 0.0,
    "use_xla_translate": True,
}


def dataclass_to_legacy_dict(obj: Any) -> dict[str, Any]:
    """Return a configuration as a flat dictionary with legacy keys; paths become strings.

    Raises
    ------
    TypeError
        ``obj`` is not a configuration dataclass, or is an execution configuration, which must not reach the legacy
        dictionary (API specification, section 4.9).
    """
    if not dataclasses.is_dataclass(obj) or isinstance(obj, type):
        expected = "a ModelConfig, TrainingConfig or InferenceConfig"
        raise TypeError(f"{obj!r} is a {type(obj).__name__}; expected {expected}.")
    if isinstance(obj, PyTorchExecutionConfig):
        raise TypeError(
            "PyTorchExecutionConfig must not be written into the legacy dictionary; expected a TrainingConfig or "
            "InferenceConfig. Pass the execution configuration to the workflow as an argument."
        )
    flat: dict[str, Any] = {}
    for entry in dataclasses.fields(obj):
        value = getattr(obj, entry.name)
        if dataclasses.is_dataclass(value):
            flat.update(dataclass_to_legacy_dict(value))
        else:
            flat[KEY_MAPPINGS.get(entry.name, entry.name)] = str(value) if isinstance(value, Path) else value
    return flat


def update_legacy_dict(cfg: dict[str, Any], dataclass_obj: Any) -> None:
    """Write a configuration into the legacy dictionary in place, skipping values that are None.

    Parameters
    ----------
    cfg : dict
        ``ptycho.params.cfg``.

    Raises
    ------
    TypeError
        See :func:`dataclass_to_legacy_dict`; ``cfg`` is left unchanged.
    """
    flat = dataclass_to_legacy_dict(dataclass_obj)
    cfg.update({key: value for key, value in flat.items() if value is not None})
