"""Where the open model, the open data and the model settings disagree (no Qt)."""

from __future__ import annotations

from collections.abc import Iterator

from ptychopinn.config.model import NETWORK_FIELDS
from ptychopinn_app.checks.compatibility import model_problem, pattern_size
from ptychopinn_app.checks.finding import Check, Mend, SettingEdit, check, shown
from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Model, Scan


def model_checks(config: JobSettings, model: Model | None, scan: Scan | None, train: Scan | None) -> Iterator[Check]:
    """Give what stands in the way of a reconstruction, and how the settings differ from the model's.

    Parameters
    ----------
    scan : what a reconstruction would work on
    train : the scan that the settings are for
    """
    if model is None:
        return
    if scan is not None and (sentence := model_problem(model, scan)):
        yield check("warning", "model_data", f"Reconstruct cannot work: {sentence[:1].lower()}{sentence[1:]}")
    differing = differences(config, model)
    if not differing:
        return
    labels = {info.name: info.label for info in BY_NAME["model"].fields()}
    told = [f"{labels[name]} {shown(value)}" for name, value in differing.items()]
    rest = f" and {len(told) - 3} more" if len(told) > 3 else ""
    words = f"The open model has {', '.join(told[:3])}{rest}; the settings say otherwise."
    size = pattern_size(train) if train is not None else None
    # The data decide N: taking the model's would only move the trouble.
    edits = tuple(
        SettingEdit("model", name, value)
        for name, value in differing.items()
        if name != "N" or size is None or size == value
    )
    network = any(name in NETWORK_FIELDS for name in differing)
    meaning = "Training starts a new network." if network else "Training will use the settings."
    mend = Mend("Take the model's settings", edits) if edits else None
    yield check("info", "model_settings", f"{words} {meaning}", mend)


def differences(config: JobSettings, model: Model) -> dict[str, object]:
    """Give field -> value of the model for every model setting that now says otherwise."""
    values = config.values("model")
    return {name: value for name, value in model.settings.items() if name in values and values[name] != value}


def model_notes(config: JobSettings, model: Model | None) -> dict[str, str]:
    """Give field -> sentence for the fields of the model form in which the open model differs."""
    if model is None:
        return {}
    return {
        name: f"{shown(value)} in the open model {model.title}." for name, value in differences(config, model).items()
    }
