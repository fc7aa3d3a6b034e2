"""Files with the settings of all sections: JSON saved by this application, or a run's ``config.yaml`` (no Qt)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ptychopinn.config.yaml_file import RUN, load_settings
from ptychopinn.errors import ConfigError, DataError
from ptychopinn.files.atomic import atomic_path
from ptychopinn.files.names import CONFIG_FILE, QUALITY_CONFIG
from ptychopinn_app.job_settings.sections import BY_NAME, REFINE_SWEEPS

Table = dict[str, object]
RECORDS = (CONFIG_FILE, QUALITY_CONFIG)
_EXPECTED = ("a settings file (JSON), or the config.yaml of a run", "Choose another file.")


def write_settings(path: Path, table: Table) -> None:
    """Write a table returned by `JobSettings.to_table` to a JSON file."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(table, indent=2, default=str), encoding="utf-8")


def read_settings(path: Path, present: Mapping[str, object]) -> tuple[Table, list[str]]:
    """Read a settings file; return a table for `JobSettings.restore` and the names of unknown entries.

    Parameters
    ----------
    path : Path
    present : mapping
        The table of the current settings; it supplies values missing from a run's record.

    Raises
    ------
    DataError
        The file cannot be read or is not a settings file.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        return _of_record(path, present)
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read: {error}", *_EXPECTED) from error
    if not isinstance(table, dict):
        raise DataError(f"{path.name} does not contain settings", *_EXPECTED)
    return table, []


def read_run_settings(run_dir: Path, noted: object, present: Mapping[str, object]) -> tuple[Table, list[str]]:
    """Read a run's settings from its record; missing values come from `noted`, or from `present` if `noted` is None.

    Parameters
    ----------
    run_dir : Path
    noted : object
        The window's settings at the start of the run; None for a run started from the command line.
    present : mapping
        The table of the current settings.

    Raises
    ------
    DataError
        The record cannot be read, or the run has neither a record nor noted settings.
    """
    base = noted if isinstance(noted, dict) else None
    record = next((run_dir / name for name in RECORDS if (run_dir / name).is_file()), None)
    if record is not None:
        return _of_record(record, present if base is None else base)
    if base is None:
        raise DataError(f"{run_dir.name} has no record of its settings", RECORDS[0], "Choose another run.")
    return base, []


def _of_record(path: Path, base: Mapping[str, object]) -> tuple[Table, list[str]]:
    try:
        sections, unknown = load_settings(path)
    except (OSError, ConfigError) as error:
        raise DataError(f"{path.name} cannot be read: {error}", *_EXPECTED) from error
    run = sections.pop(RUN, {})
    table = dict(base)
    backend = sections.get("training", {}).get("backend")
    if backend is not None:
        table["backend"] = backend
    if run.get("command") == "reconstruct":
        sweeps = sections.get("iterations", {}).get("sweeps", 0)
        sections.setdefault("inference", {})[REFINE_SWEEPS.name] = sweeps
    for name, values in sections.items():
        # TensorFlow does not use the execution settings of PyTorch.
        names = {"accelerator"} if (name, backend) == ("execution", "tensorflow") else _restored(name)
        before = table.get(name)
        chosen = {field: value for field, value in values.items() if field in names}
        table[name] = {**(before if isinstance(before, dict) else {}), **chosen}
    return table, [sentence.split(" ", 1)[0] for sentence in unknown]


def _restored(section: str) -> set[str]:
    """Return the fields of a section that a record restores: those in the form, and the accelerator."""
    return {"accelerator", *(info.name for info in BY_NAME[section].fields())}
