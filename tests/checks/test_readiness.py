"""Why a job cannot start: one function over one record, without a window."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from ptychopinn.data.finding import Finding
from ptychopinn.data.scan_summary import ScanSummary
from ptychopinn_app.checks.readiness import Request, Situation, why_not
from ptychopinn_app.records import Model, Scan, ScanPreview

PREVIEW = ScanPreview(np.zeros((9, 2)), None, np.zeros((64, 64), np.float32), np.zeros((64, 64), np.float32))
SUMMARY = ScanSummary(n_patterns=9, pattern_shape=(64, 64))
SCAN = Scan(Path("a.npz"), SUMMARY, preview=PREVIEW)
SMALL = Scan(Path("small.npz"), replace(SUMMARY, pattern_shape=(32, 32)), preview=PREVIEW)
BROKEN = replace(SCAN, summary=replace(SUMMARY, findings=(Finding("error", "bad", "It is bad.", ""),)))
MODEL = Model(Path("wts.h5.zip"), "pytorch", 64, 1, {"gridsize": 1})
READY = Situation(scan=SCAN, model=MODEL, has_result=True, backend="pytorch", model_values={"gridsize": 1}, problems={})
JOBS: tuple[Request, ...] = get_args(Request)


def test_every_job_can_start_without_problems() -> None:
    assert {job: why_not(job, READY) for job in JOBS} == dict.fromkeys(JOBS, "")


@pytest.mark.parametrize("job", JOBS)
def test_every_job_needs_a_sound_scan(job: Request) -> None:
    assert why_not(job, replace(READY, scan=None)) == "Open a scan first."
    assert "has errors" in why_not(job, replace(READY, scan=BROKEN))


def test_a_problem_in_the_settings_stops_the_jobs_that_use_them() -> None:
    def stopped(section: str) -> set[str]:
        now = replace(READY, problems={section: {"field": "It is wrong."}})
        return {job for job in JOBS if why_not(job, now) == f"{section}.field: It is wrong."}

    assert stopped("model") == {"train", "resume", "reconstruct"}
    assert stopped("training") == {"train", "resume"}
    assert stopped("inference") == {"reconstruct"}
    assert stopped("iterations") == stopped("execution") == set(JOBS)


def test_a_sentence_about_a_whole_section_has_no_field() -> None:
    assert why_not("train", replace(READY, problems={"training": {"": "It is wrong."}})) == "It is wrong."


def test_a_missing_backend_stops_the_jobs_that_need_it() -> None:
    missing = replace(READY, backend_problem="no framework")
    assert [job for job in JOBS if why_not(job, missing)] == ["train", "resume"]
    missing = replace(READY, model_backend_problem="no framework")
    assert [job for job in JOBS if why_not(job, missing)] == ["reconstruct"]


def test_a_reconstruction_needs_a_model_or_a_training_before_it() -> None:
    without = replace(READY, model=None)
    assert why_not("reconstruct", without) == "Train or open a model first."
    assert why_not("reconstruct", replace(without, trains=True)) == ""


def test_a_reconstruction_uses_the_test_scan_and_a_training_needs_one_that_fits() -> None:
    now = replace(READY, test=SMALL)
    assert "64 pixels" in why_not("reconstruct", now) and "32 pixels" in why_not("train", now)
    assert why_not("reconstruct", replace(now, trains=True)) == "", "the training will produce another model"


def test_resuming_needs_the_network_and_the_backend_of_the_model() -> None:
    assert why_not("resume", replace(READY, model=None)) == "Train or open a model first."
    assert "gridsize 1" in why_not("resume", replace(READY, model_values={"gridsize": 2}))
    assert "pytorch backend" in why_not("resume", replace(READY, backend="tensorflow"))


@pytest.mark.parametrize("job", ["refine", "report"])
def test_refinement_and_report_need_an_object(job: Request) -> None:
    assert why_not(job, replace(READY, has_result=False)) == "Reconstruct an object or run Quick look first."


@pytest.mark.parametrize("module", ["checks.readiness", "jobs.tasks", "session.planned_jobs"])
def test_the_module_works_without_qt(module: str) -> None:
    code = f"import sys; sys.modules['PyQt6'] = None; import ptychopinn_app.{module}"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
