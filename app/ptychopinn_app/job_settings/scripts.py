"""The current settings as a command line and as a Python script (no Qt)."""

from __future__ import annotations

import shlex
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ptychopinn_app.job_settings.sections import BY_NAME

if TYPE_CHECKING:
    from ptychopinn_app.job_settings.values import JobSettings
    from ptychopinn_app.records import Scan

_FLAGS = {"refine_sweeps": "refine"}
_CLASSES = {"model": "ModelConfig", "training": "TrainingConfig", "execution": "PyTorchExecutionConfig"}


def command_line(config: JobSettings, scan: Scan | None, test: Scan | None) -> str:
    """Return the shell commands that train and reconstruct with these settings."""
    file, fixes = _scan(scan)
    other, _ = _scan(test or scan)
    train = ["ptychopinn", "train", file, "--output", "run", "--backend", config.backend]
    train += ["--test-file", other] if test is not None else []
    train += [*_units(scan), *fixes]
    sections = ("model", "training", "execution") if config.backend == "pytorch" else ("model", "training")
    for section in sections:
        train += _flags(config, section)
    if config.backend == "tensorflow":
        train += _flags(config, "execution", only="accelerator")
    reconstruct = ["ptychopinn", "reconstruct", "run", other, "--output", "result"]
    reconstruct += [*_units(test or scan), *_scan(test or scan)[1]]
    reconstruct += _flags(config, "inference")
    if config.refine is not None:
        reconstruct += _flags(config, "iterations")
    return f"{shlex.join(train)}\n{shlex.join(reconstruct)}\n"


def python_program(config: JobSettings, scan: Scan | None, test: Scan | None) -> str:
    """Return a Python script that trains and reconstructs with these settings."""
    values = {name: _in_full(config, name) for name in _CLASSES}
    values["training"]["backend"] = config.backend
    units = _units(scan)
    if units:
        values["training"]["diff3d_units"] = units[1]
    inference = _changes(config, "inference")
    sweeps = inference.pop("refine_sweeps", None)
    file, fixes = _scan(scan)
    other, _ = _scan(test or scan)
    more = ", fixes=tuple(FIX_CODES)" if fixes else ""
    names = ["InferenceConfig", "ModelConfig", "PyTorchExecutionConfig", "TrainingConfig", "reconstruct", "train"]
    names += ["IterativeConfig"] if sweeps else []
    iterations = _arguments(_in_full(config, "iterations") | {"sweeps": sweeps})
    last = f", refine=IterativeConfig({iterations})" if config.refine else ""
    tested = f", test_file=Path({other!r})" if test is not None else ""
    lines = [
        "from pathlib import Path",
        "",
        f"from ptychopinn import {', '.join(sorted(names))}",
        *(["from ptychopinn.data.checks import FIX_CODES"] if fixes else []),
        "",
        f"model = ModelConfig({_arguments(values['model'])})",
        f"config = TrainingConfig(model, {_arguments(values['training'])})",
        f"execution = PyTorchExecutionConfig({_arguments(values['execution'])})",
        f"trained = train(Path({file!r}), Path('run'), config, execution{tested}{more})",
        f"scan = Path({other!r})",
        f"inference = InferenceConfig(model, trained.model_path, scan, {_arguments(inference)})".replace(", )", ")"),
        f"result = reconstruct(trained.model_path, scan, Path('result'), inference, execution{last}{more})",
        "print(result.r_factor, result.noise_floor)",
    ]
    return "\n".join(lines) + "\n"


def _flags(config: JobSettings, section: str, only: str = "") -> list[str]:
    flags: list[str] = []
    for name, value in _changes(config, section).items():
        if only and name != only:
            continue
        flag = "--" + _FLAGS.get(name, name).lower().replace("_", "-")
        if isinstance(value, bool):
            flags.append(flag if value else "--no-" + flag.removeprefix("--"))
        elif value is not None:
            flags += [flag, str(value)]
    if section == "training" and config.values(section)["max_minutes"] is not None and "--nepochs" not in flags:
        # With a time limit and no number of epochs, the command trains as many epochs as fit.
        flags += ["--nepochs", str(config.values(section)["nepochs"])]
    return flags


def _changes(config: JobSettings, section: str) -> dict[str, object]:
    """Return the values that differ from the application's defaults, except N, which comes from the data."""
    table = config.to_table().get(section)
    assert isinstance(table, dict)
    return {name: value for name, value in table.items() if name != "N"}


def _in_full(config: JobSettings, section: str) -> dict[str, object]:
    """Return the values that differ from the dataclass's own defaults, except N."""
    plain = {info.name: info.default for info in BY_NAME[section].fields()}
    values = config.values(section)
    return {name: value for name, value in values.items() if name != "N" and value != plain.get(name, object())}


def _arguments(values: dict[str, object]) -> str:
    return ", ".join(
        f"{name}=Path({str(value)!r})" if isinstance(value, PurePath) else f"{name}={value!r}"
        for name, value in values.items()
    )


def _scan(scan: Scan | None) -> tuple[str, list[str]]:
    path = scan.path if scan is not None else Path("scan.npz")
    return str(path), ["--fix"] if scan is not None and scan.fixes else []


def _units(scan: Scan | None) -> list[str]:
    return ["--diff3d-units", scan.units] if scan is not None and scan.units != "auto" else []
