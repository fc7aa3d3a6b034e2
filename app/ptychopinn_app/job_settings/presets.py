"""Built-in presets and presets saved by the user (no Qt)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ptychopinn.config.presets import REFINEMENT_SWEEPS

if TYPE_CHECKING:
    from ptychopinn_app.job_settings.values import JobSettings

KEY = "presets"
# A preset does not change the settings of the data and the machine.
UNTOUCHED = (("model", "N"), ("training", "probe_file"), ("inference", "probe_file"), ("execution", "accelerator"))
# More epochs than any time limit allows.
_ENDLESS = 10_000


class TableStore(Protocol):
    """Persistent store of named tables, such as the user's presets."""

    def table(self, key: str) -> dict[str, object]:
        """Return a stored table; empty if there is none."""

    def put_table(self, key: str, value: dict[str, object]) -> None:
        """Store a table."""


@dataclass(frozen=True)
class Preset:
    """A named set of settings that differ from the defaults; `table` has the format of `JobSettings.to_table`."""

    name: str
    words: str
    table: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    own: bool = False


BUILT_IN = (
    Preset("Balanced", "Default settings: a good object in a few minutes."),
    Preset(
        "Two minutes",
        "Training stops after two minutes, regardless of the scan size.",
        {"training": {"max_minutes": 2.0, "nepochs": _ENDLESS}},
    ),
    Preset(
        "Best picture",
        "Longer training, then refinement sweeps over the measured patterns.",
        {"training": {"nepochs": 200}, "inference": {"refine_sweeps": REFINEMENT_SWEEPS}},
    ),
    Preset(
        "Partially coherent light",
        "Refinement sweeps with three incoherent probe modes. Calibrate the probe with three modes first.",
        {"inference": {"refine_sweeps": REFINEMENT_SWEEPS}, "iterations": {"modes": 3}},
    ),
    Preset(
        "Low dose",
        "Longer training without refinement sweeps, which would fit the noise of weak patterns.",
        {"training": {"nepochs": 120}},
    ),
    Preset(
        "Little memory",
        "A narrow network that processes one group at a time.",
        {"model": {"n_filters_scale": 1}, "training": {"batch_size": 1}},
    ),
)


def presets(store: TableStore) -> list[Preset]:
    """Return all presets; damaged ones are skipped."""
    tables = {name: table for name, table in store.table(KEY).items() if isinstance(table, dict)}
    own = [Preset(name, "Saved by you.", table, own=True) for name, table in tables.items()]
    return [*BUILT_IN, *sorted(own, key=lambda preset: preset.name.lower())]


def save_preset(store: TableStore, name: str, config: JobSettings) -> str:
    """Save the current settings under a name; return why saving failed, or an empty string on success."""
    name = name.strip()
    if not name:
        return "Enter a name for the preset."
    if any(preset.name.lower() == name.lower() for preset in BUILT_IN):
        return f"'{name}' is the name of a built-in preset; choose another name."
    table: dict[str, object] = {}
    for section, values in config.to_table().items():
        if isinstance(values, dict):
            table[section] = {key: value for key, value in values.items() if (section, key) not in UNTOUCHED}
    others = {key: value for key, value in store.table(KEY).items() if key.lower() != name.lower()}
    store.put_table(KEY, {**others, name: table})
    return ""


def delete_preset(store: TableStore, name: str) -> None:
    """Delete a preset saved by the user."""
    store.put_table(KEY, {key: value for key, value in store.table(KEY).items() if key != name})


def table_of(preset: Preset, config: JobSettings) -> dict[str, object]:
    """Return the table to apply: the preset's values plus the current values of settings that no preset changes."""
    table: dict[str, object] = {"backend": config.backend}
    sections = {name: dict(values) for name, values in preset.table.items() if isinstance(values, Mapping)}
    for section, name in UNTOUCHED:
        value = config.values(section).get(name)
        if value != config.defaults[section].get(name):
            sections.setdefault(section, {})[name] = value
    return table | sections
