"""Compare the open model with the open data and the model settings (no Qt)."""

from __future__ import annotations

from collections.abc import Iterator

from ptychopinn.config.model import NETWORK_FIELDS
from ptychopinn_app.binder.values import value_text
from ptychopinn_app.checks.compatibility import model_problem, pattern_size
from ptychopinn_app.checks.finding import Check, Fix, SettingEdit, check
from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Model, Scan


def model_checks(config: JobSettings, model: Model | None, scan: Scan | None, train: Scan | None) -> Iterator[Check]:
    """Check whether the model can reconstruct the scan and how the settings differ from the model's.

    Parameters
    ----------
    scan : the scan to reconstruct
    train : the scan to train on, which determines N
    """
    if model is None:
        return
    if scan is not None and (sentence := model_problem(model, scan)):
        yield check("warning", "model_data", f"Reconstruction cannot start: {sentence[:1].lower()}{sentence[1:]}")
    differing = differences(config, model)
    if not differing:
        return
    labels = {info.name: info.label for info in BY_NAME["model"].fields()}
    settings = [f"{labels[name]} {value_text(value)}" for name, value in differing.items()]
    rest = f" and {len(settings) - 3} more" if len(settings) > 3 else ""
    sentence = f"The open model was trained with {', '.join(settings[:3])}{rest}. The current settings differ."
    size = pattern_size(train) if train is not None else None
    # The data decide N; the N of the model would not fit them.
    edits = tuple(
        SettingEdit("model", name, value)
        for name, value in differing.items()
        if name != "N" or size is None or size == value
    )
    network = any(name in NETWORK_FIELDS for name in differing)
    effect = "Training creates a new network." if network else "Training uses the current settings."
    fix = Fix("Use the model's settings", edits) if edits else None
    yield check("info", "model_settings", f"{sentence} {effect}", fix)


def differences(config: JobSettings, model: Model) -> dict[str, object]:
    """Return the settings of the model that differ from the current settings, name -> value in the model."""
    values = config.values("model")
    return {name: value for name, value in model.settings.items() if name in values and values[name] != value}


def model_notes(config: JobSettings, model: Model | None) -> dict[str, str]:
    """Map each field of the model form that differs from the open model to a note."""
    if model is None:
        return {}
    differing = differences(config, model)
    return {name: f"{value_text(value)} in the open model {model.title}." for name, value in differing.items()}
