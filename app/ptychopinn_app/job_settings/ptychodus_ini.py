"""PtychoPINN settings in the INI files of ptychodus (no Qt).

ptychodus has one set of sections for each backend; the set of the selected backend is used.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ptychopinn.errors import DataError
from ptychopinn.files.atomic import atomic_path

if TYPE_CHECKING:
    from ptychopinn_app.job_settings.values import JobSettings

# (ptychodus section, option) -> (our section, field)
_PLACES: dict[str, dict[tuple[str, str], tuple[str, str]]] = {
    "tensorflow": {
        ("PtychoPINNModel", "GridSize"): ("model", "gridsize"),
        ("PtychoPINNModel", "NumFiltersScale"): ("model", "n_filters_scale"),
        ("PtychoPINNModel", "AmpActivation"): ("model", "amp_activation"),
        ("PtychoPINNModel", "ObjectBig"): ("model", "object_big"),
        ("PtychoPINNModel", "ProbeBig"): ("model", "probe_big"),
        ("PtychoPINNModel", "ProbeMask"): ("model", "probe_mask"),
        ("PtychoPINNModel", "PadObject"): ("model", "pad_object"),
        ("PtychoPINNModel", "ProbeScale"): ("model", "probe_scale"),
        ("PtychoPINNModel", "GaussianSmoothingSigma"): ("model", "gaussian_smoothing_sigma"),
        ("PtychoPINNTraining", "NumPhotons"): ("training", "nphotons"),
        ("PtychoPINNTraining", "BatchSize"): ("training", "batch_size"),
        ("PtychoPINNTraining", "NumEpochs"): ("training", "nepochs"),
        ("PtychoPINNTraining", "MAEWeight"): ("training", "mae_weight"),
        ("PtychoPINNTraining", "NLLWeight"): ("training", "nll_weight"),
        ("PtychoPINNTraining", "RealspaceMAEWeight"): ("training", "realspace_mae_weight"),
        ("PtychoPINNTraining", "RealspaceWeight"): ("training", "realspace_weight"),
        ("PtychoPINNTraining", "PositionsProvided"): ("training", "positions_provided"),
        ("PtychoPINNTraining", "ProbeTrainable"): ("training", "probe_trainable"),
        ("PtychoPINNTraining", "IntensityScaleTrainable"): ("training", "intensity_scale_trainable"),
        ("PtychoPINNInference", "NumNearestNeighbors"): ("training", "neighbor_count"),
    },
    "pytorch": {
        ("PtychoPINNTorchData", "grid_size_y"): ("model", "gridsize"),
        ("PtychoPINNTorchData", "grid_size_x"): ("model", "gridsize"),
        ("PtychoPINNTorchData", "probe_scale"): ("model", "probe_scale"),
        ("PtychoPINNTorchData", "num_nearest_neighbors_for_lookup"): ("training", "neighbor_count"),
        ("PtychoPINNTorchModel", "num_filters_scale"): ("model", "n_filters_scale"),
        ("PtychoPINNTorchModel", "amplitude_activation_function"): ("model", "amp_activation"),
        ("PtychoPINNTorchModel", "object_big"): ("model", "object_big"),
        ("PtychoPINNTorchModel", "probe_big"): ("model", "probe_big"),
        ("PtychoPINNTorchModel", "intensity_scale_trainable"): ("training", "intensity_scale_trainable"),
        ("PtychoPINNTorchTraining", "epochs"): ("training", "nepochs"),
        ("PtychoPINNTorchTraining", "batch_size"): ("training", "batch_size"),
        ("PtychoPINNTorchTraining", "learning_rate"): ("execution", "learning_rate"),
        ("PtychoPINNTorchTraining", "gradient_accumulation_steps"): ("execution", "accum_steps"),
        ("PtychoPINNTorchTraining", "num_dataloader_workers"): ("execution", "num_workers"),
        ("PtychoPINNTorchTraining", "learning_rate_scheduler"): ("execution", "scheduler"),
    },
}
_CHOICE_NAMES = {"amp_activation": {"silu": "swish", "SiLU": "swish"}}
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def read_ini(path: Path, config: JobSettings) -> tuple[dict[str, object], list[str]]:
    """Read the settings of the selected backend from a ptychodus file.

    Returns
    -------
    table : dict
        The current settings (see `JobSettings.to_table`), replaced by those of the file.
    unread : list of str
        Options whose value cannot be used, as 'section.option'.

    Raises
    ------
    DataError
        The file cannot be read, or has no settings for the backend.
    """
    parser = _parser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise DataError(
            f"{path.name} cannot be read: {error}", "a settings file of ptychodus (INI)", "Save it in ptychodus again."
        ) from error
    table: dict[str, dict[str, object]] = {}
    unread = []
    for (section, option), (ours, field) in _PLACES[config.backend].items():
        if not parser.has_option(section, option):
            continue
        value = _value(parser.get(section, option), field, config.values(ours)[field])
        if value is None or table.get(ours, {}).get(field, value) != value:
            unread.append(f"{section}.{option}")
        else:
            table.setdefault(ours, {})[field] = value
    if not table:
        sections = ", ".join(dict.fromkeys(section for section, _ in _PLACES[config.backend]))
        raise DataError(
            f"{path.name} has no PtychoPINN settings for the {config.backend} backend",
            f"the sections {sections}",
            "Select the other backend, or save the settings in ptychodus again.",
        )
    merged = dict(config.to_table())
    for ours, values in table.items():
        before = merged.get(ours)
        merged[ours] = {**(before if isinstance(before, dict) else {}), **values}
    return merged, unread


def write_ini(path: Path, config: JobSettings) -> list[str]:
    """Write the settings of the selected backend; other entries of a ptychodus file stay unchanged.

    Returns
    -------
    list of str
        Changed settings that ptychodus does not have, as 'section.field'.

    Raises
    ------
    DataError
        The file exists but is not a settings file.
    OSError
        The file cannot be written.
    """
    parser = _parser()
    if path.exists():
        try:
            parser.read_string(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, configparser.Error) as error:
            raise DataError(
                f"{path.name} is not a settings file: {error}",
                "a settings file of ptychodus (INI)",
                "Choose another name.",
            ) from error
    places = _PLACES[config.backend]
    for (section, option), (ours, field) in places.items():
        if not parser.has_section(section):
            parser.add_section(section)
        parser.set(section, option, _text(config.values(ours)[field]))
    if config.backend == "pytorch":
        # One channel for each pattern of a group.
        parser.set("PtychoPINNTorchData", "num_channels", str(config.gridsize**2))
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        parser.write(stream)
    written = set(places.values())
    return [f"{ours}.{field}" for ours, field in _changed(config.to_table()) if (ours, field) not in written]


def _parser() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    # ptychodus options are case-sensitive.
    parser.optionxform = lambda optionstr: optionstr  # type: ignore[method-assign]
    return parser


def _value(text: str, field: str, like: object) -> object:
    """Read a text as a value of the same type as the current one; None if that fails."""
    if isinstance(like, bool):
        return _FLAGS.get(text.lower())
    try:
        if isinstance(like, int):
            return int(text)
        if isinstance(like, float):
            return float(text)
    except ValueError:
        return None
    return _CHOICE_NAMES.get(field, {}).get(text, text)


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _changed(table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for section, values in table.items():
        if isinstance(values, dict):
            yield from ((section, str(field)) for field in values)
