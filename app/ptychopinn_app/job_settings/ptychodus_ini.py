"""PtychoPINN settings in the INI files of ptychodus (no Qt).

ptychodus has one set of sections per backend; the set for the selected backend is used.
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

# Backend -> section of ptychodus -> option -> section and field of this application.
_OPTIONS = {
    "tensorflow": {
        "PtychoPINNModel": {
            "GridSize": "model.gridsize", "NumFiltersScale": "model.n_filters_scale",
            "AmpActivation": "model.amp_activation", "ObjectBig": "model.object_big", "ProbeBig": "model.probe_big",
            "ProbeMask": "model.probe_mask", "PadObject": "model.pad_object", "ProbeScale": "model.probe_scale",
            "GaussianSmoothingSigma": "model.gaussian_smoothing_sigma",
        },
        "PtychoPINNTraining": {
            "NumPhotons": "training.nphotons", "BatchSize": "training.batch_size", "NumEpochs": "training.nepochs",
            "MAEWeight": "training.mae_weight", "NLLWeight": "training.nll_weight",
            "RealspaceMAEWeight": "training.realspace_mae_weight", "RealspaceWeight": "training.realspace_weight",
            "PositionsProvided": "training.positions_provided", "ProbeTrainable": "training.probe_trainable",
            "IntensityScaleTrainable": "training.intensity_scale_trainable",
        },
        "PtychoPINNInference": {"NumNearestNeighbors": "training.neighbor_count"},
    },
    "pytorch": {
        "PtychoPINNTorchData": {
            "grid_size_y": "model.gridsize", "grid_size_x": "model.gridsize", "probe_scale": "model.probe_scale",
            "num_nearest_neighbors_for_lookup": "training.neighbor_count",
        },
        "PtychoPINNTorchModel": {
            "num_filters_scale": "model.n_filters_scale", "amplitude_activation_function": "model.amp_activation",
            "object_big": "model.object_big", "probe_big": "model.probe_big",
            "intensity_scale_trainable": "training.intensity_scale_trainable",
        },
        "PtychoPINNTorchTraining": {
            "epochs": "training.nepochs", "batch_size": "training.batch_size",
            "learning_rate": "execution.learning_rate", "gradient_accumulation_steps": "execution.accum_steps",
            "num_dataloader_workers": "execution.num_workers", "learning_rate_scheduler": "execution.scheduler",
        },
    },
}  # fmt: skip
_CHOICE_NAMES = {"amp_activation": {"silu": "swish", "SiLU": "swish"}}
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def read_ini(path: Path, config: JobSettings) -> tuple[dict[str, object], list[str]]:
    """Read the selected backend's settings from a ptychodus file.

    Returns
    -------
    table : dict
        The current settings (see `JobSettings.to_table`), updated from the file.
    unread : list of str
        Options whose value cannot be used, as 'section.option'.

    Raises
    ------
    DataError
        The file cannot be read, or has no settings for the backend.
    """
    parser = _read(path, f"{path.name} cannot be read", "Save it again in ptychodus.")
    table: dict[str, dict[str, object]] = {}
    unread = []
    for section, option, ours, field in _places(config.backend):
        if not parser.has_option(section, option):
            continue
        value = _value(parser.get(section, option), field, config.values(ours)[field])
        if value is None or table.get(ours, {}).get(field, value) != value:
            unread.append(f"{section}.{option}")
        else:
            table.setdefault(ours, {})[field] = value
    if not table:
        raise DataError(
            f"{path.name} has no PtychoPINN settings for the {config.backend} backend",
            f"the sections {', '.join(_OPTIONS[config.backend])}",
            "Select the other backend, or save the settings again in ptychodus.",
        )
    merged = dict(config.to_table())
    for ours, values in table.items():
        before = merged.get(ours)
        merged[ours] = {**(before if isinstance(before, dict) else {}), **values}
    return merged, unread


def write_ini(path: Path, config: JobSettings) -> list[str]:
    """Write the selected backend's settings; other entries in a ptychodus file stay unchanged.

    Returns
    -------
    list of str
        Non-default settings that ptychodus does not have, as 'section.field'.

    Raises
    ------
    DataError
        The file exists but cannot be read as a settings file.
    OSError
        The file cannot be written.
    """
    parser = _parser()
    if path.exists():
        parser = _read(path, f"{path.name} is not a settings file", "Choose another name.")
    for section, option, ours, field in _places(config.backend):
        if not parser.has_section(section):
            parser.add_section(section)
        parser.set(section, option, _text(config.values(ours)[field]))
    if config.backend == "pytorch":
        # One channel for each pattern of a group.
        parser.set("PtychoPINNTorchData", "num_channels", str(config.gridsize**2))
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        parser.write(stream)
    written = {f"{ours}.{field}" for _, _, ours, field in _places(config.backend)}
    return [name for name in _changed(config.to_table()) if name not in written]


def _places(backend: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each ptychodus section and option with the matching section and field of this application."""
    for section, options in _OPTIONS[backend].items():
        for option, place in options.items():
            ours, _, field = place.partition(".")
            yield section, option, ours, field


def _parser() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    # ptychodus options are case-sensitive.
    parser.optionxform = lambda optionstr: optionstr  # type: ignore[method-assign]
    return parser


def _read(path: Path, problem: str, remedy: str) -> configparser.ConfigParser:
    parser = _parser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise DataError(f"{problem}: {error}", "a ptychodus settings file (INI)", remedy) from error
    return parser


def _value(text: str, field: str, like: object) -> object:
    """Parse text as a value of the same type as `like`; return None on failure."""
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


def _changed(table: Mapping[str, object]) -> Iterator[str]:
    for section, values in table.items():
        if isinstance(values, dict):
            yield from (f"{section}.{field}" for field in values)
