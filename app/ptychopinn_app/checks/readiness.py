"""Why a job cannot start now: one sentence, empty when it can (no Qt)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptychopinn_app.checks.compatibility import judge_problem, model_problem
from ptychopinn_app.records import Scan

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session


def job_problem(session: Session, needs_model: bool) -> str:
    """Give the reason why training, or with a model reconstruction, cannot start."""
    scan = (session.test_dataset or session.dataset) if needs_model else session.dataset
    if needs_model and session.model is None and not session.queue.trains:
        return "Train a model or open one first."
    if reason := scan_problem(session, scan):
        return reason
    if needs_model:
        # A training that runs or waits will bring another model.
        model = None if session.queue.trains else session.model
        reason = session.checks.model_backend_problem if model is not None else ""
        if not reason and model is not None and scan is not None:
            reason = model_problem(model, scan)
    else:
        reason = session.backend_problem or judge_problem(session.dataset, session.test_dataset)
    return reason or first_problem(
        session, "model", "inference" if needs_model else "training", "iterations", "execution"
    )


def scan_problem(session: Session, scan: Scan | None) -> str:
    """Give the reason why a scan cannot be worked on."""
    if scan is None:
        return "Open a scan first."
    return "" if scan.usable else f"{scan.path.name} has errors; mend them in the data card first."


def first_problem(session: Session, *sections: str) -> str:
    """Give the first thing that is wrong in some sections."""
    for section in sections:
        for field, sentence in session.problems(section).items():
            return f"{section}.{field}: {sentence}" if field else sentence
    return ""
