"""Reasons why a job cannot start (no Qt)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ptychopinn.config.model import NETWORK_FIELDS
from ptychopinn_app.checks.compatibility import judge_problem, model_problem
from ptychopinn_app.records import Model, Scan

Request = Literal["train", "resume", "reconstruct", "quick", "calibrate", "refine", "report"]
_ENGINE = ("iterations", "execution")
_TRAINING = ("model", "training", *_ENGINE)
_SECTIONS: Mapping[Request, tuple[str, ...]] = {
    "train": _TRAINING,
    "resume": _TRAINING,
    "reconstruct": ("model", "inference", *_ENGINE),
}


@dataclass(frozen=True)
class Situation:
    """Everything that decides whether a job can start.

    Attributes
    ----------
    test : scan to reconstruct instead of `scan`
    has_result : whether an object is shown
    trains : whether a training job, which will produce another model, is running or queued
    backend : the selected backend
    backend_problem : why the selected backend cannot be used; empty if it can
    model_backend_problem : why the model's backend cannot be used; empty if it can
    model_values : settings in the section 'model', name -> value
    problems : section -> setting -> sentence; an empty setting name refers to the whole section
    """

    scan: Scan | None = None
    test: Scan | None = None
    model: Model | None = None
    has_result: bool = False
    trains: bool = False
    backend: str = ""
    backend_problem: str = ""
    model_backend_problem: str = ""
    model_values: Mapping[str, object] = field(default_factory=dict)
    problems: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def target(self) -> Scan | None:
        """The scan to reconstruct and refine."""
        return self.test or self.scan


def why_not(request: Request, now: Situation) -> str:
    """Return why a job cannot start; empty if it can."""
    scan = now.target if request in ("reconstruct", "refine", "report") else now.scan
    return (
        _missing(request, now)
        or _scan_problem(scan)
        or _network_problem(request, now)
        or _settings_problem(now, _SECTIONS.get(request, _ENGINE))
        or (_resume_problem(now) if request == "resume" else "")
    )


def _missing(request: Request, now: Situation) -> str:
    if now.model is None and (request == "resume" or (request == "reconstruct" and not now.trains)):
        return "Train or open a model first."
    if request in ("refine", "report") and not now.has_result:
        return "Reconstruct an object or run Quick look first."
    return ""


def _scan_problem(scan: Scan | None) -> str:
    if scan is None:
        return "Open a scan first."
    return "" if scan.usable else f"{scan.path.name} has errors. Fix them in the data card first."


def _network_problem(request: Request, now: Situation) -> str:
    if request in ("train", "resume"):
        return now.backend_problem or judge_problem(now.scan, now.test)
    if request == "reconstruct" and not now.trains and now.model is not None and now.target is not None:
        return now.model_backend_problem or model_problem(now.model, now.target)
    return ""


def _settings_problem(now: Situation, sections: tuple[str, ...]) -> str:
    for section in sections:
        for name, sentence in now.problems.get(section, {}).items():
            return f"{section}.{name}: {sentence}" if name else sentence
    return ""


def _resume_problem(now: Situation) -> str:
    model, values = now.model, now.model_values
    if model is None:
        return ""
    if model.backend != now.backend:
        return f"The model was trained with the {model.backend} backend. Select that backend."
    for name in NETWORK_FIELDS:
        if name in model.settings and model.settings[name] != values.get(name):
            trained = model.settings[name]
            return (
                f"The model was trained with {name} {trained}, but the setting is {values.get(name)}."
                f" Set it to {trained}, or train a new model."
            )
    return ""
