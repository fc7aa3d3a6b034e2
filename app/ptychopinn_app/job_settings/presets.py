"""Settings by name: those that come with the application, and the user's own (no Qt)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ptychopinn.config.presets import REFINEMENT_SWEEPS

if TYPE_CHECKING:
    from ptychopinn_app.job_settings.values import JobSettings
    from ptychopinn_app.services.settings import Settings

KEY = "presets"
# What belongs to the data and the machine stays when a preset is applied.
KEPT = (
    ("model", "N"),
    ("training", "probe_file"),
    ("inference", "probe_file"),
    ("execution", "accelerator"),
)
_TIME_DECIDES = 10_000


@dataclass(frozen=True)
class Preset:
    """Settings that differ from the defaults, as of `JobSettings.to_table`."""

    name: str
    words: str
    table: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    own: bool = False


BUILT_IN = (
    Preset("Balanced", "The defaults: a good picture in a few minutes."),
    Preset(
        "Two minutes",
        "Training ends after two minutes, whatever the size of the scan.",
        {"training": {"max_minutes": 2.0, "nepochs": _TIME_DECIDES}},
    ),
    Preset(
        "Best picture",
        "Long training, and sweeps over the measured patterns afterwards.",
        {"training": {"nepochs": 200}, "inference": {"refine_sweeps": REFINEMENT_SWEEPS}},
    ),
    Preset(
        "Partially coherent light",
        "Three incoherent probe modes in the sweeps after the network. Calibrate the probe with them first.",
        {"inference": {"refine_sweeps": REFINEMENT_SWEEPS}, "iterations": {"modes": 3}},
    ),
    Preset(
        "Low dose",
        "Longer training and no sweeps afterwards, which would fit the noise of weak patterns.",
        {"training": {"nepochs": 120}},
    ),
    Preset(
        "Little memory",
        "A narrow network and one group at a time.",
        {"model": {"n_filters_scale": 1}, "training": {"batch_size": 1}},
    ),
)


def presets(settings: Settings) -> list[Preset]:
    """Give all presets; a damaged one of the user's is left out."""
    own = [
        Preset(name, "Saved by you.", table, own=True)
        for name, table in settings.table(KEY).items()
        if isinstance(table, dict)
    ]
    return [*BUILT_IN, *sorted(own, key=lambda preset: preset.name.lower())]


def save_preset(settings: Settings, name: str, config: JobSettings) -> str:
    """Keep the present settings under a name; gives why not, empty when it was done."""
    name = name.strip()
    if not name:
        return "A preset needs a name."
    if any(preset.name.lower() == name.lower() for preset in BUILT_IN):
        return f"'{name}' is the name of a preset of the application; choose another."
    table: dict[str, object] = {}
    for section, values in config.to_table().items():
        if isinstance(values, dict):
            table[section] = {key: value for key, value in values.items() if (section, key) not in KEPT}
    others = {key: value for key, value in settings.table(KEY).items() if key.lower() != name.lower()}
    settings.put_table(KEY, {**others, name: table})
    return ""


def delete_preset(settings: Settings, name: str) -> None:
    """Forget a preset of the user's."""
    settings.put_table(KEY, {key: value for key, value in settings.table(KEY).items() if key != name})


def table_of(preset: Preset, config: JobSettings) -> dict[str, object]:
    """Give the whole table to apply: the preset's values, and what stays as it is."""
    table: dict[str, object] = {"backend": config.backend}
    sections = {name: dict(values) for name, values in preset.table.items() if isinstance(values, Mapping)}
    for section, name in KEPT:
        value = config.values(section).get(name)
        if value != config.defaults[section].get(name):
            sections.setdefault(section, {})[name] = value
    return table | sections
