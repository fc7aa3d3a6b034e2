"""Calls of functions in another process, with their arguments."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import app_fakes
import pytest

import ptychopinn_app.jobs
from ptychopinn_app.jobs.job import call, job_call

HEAVY = ("torch", "lightning", "tensorflow", "scipy", "h5py", "PyQt6")
TASKS = sorted(path.stem for path in Path(ptychopinn_app.jobs.__path__[0]).glob("*tasks.py"))


def test_a_call_runs_its_function() -> None:
    assert call(app_fakes.doubled, 4).run() == 8
    assert call(app_fakes.doubled, n=4).name == "doubled"


def test_a_job_gets_emit_and_stop_first() -> None:
    events: list[object] = []
    assert job_call(app_fakes.ok, n=2).run(events.append, lambda: False) == 2
    assert len(events) == 2


def test_a_call_pickles_by_the_name_of_its_function() -> None:
    copy = pickle.loads(pickle.dumps(call(app_fakes.doubled, 4)))
    assert copy.task is app_fakes.doubled and copy.run() == 8


def test_a_function_without_a_name_in_its_module_does_not_pickle() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(call(lambda: 1))


def test_the_tasks_are_found() -> None:
    assert {"tasks", "scan_tasks", "run_tasks", "export_tasks", "pattern_tasks", "compare_tasks"} <= set(TASKS)


@pytest.mark.parametrize("task", [name for name in TASKS if name != "short_tasks"])
def test_importing_a_module_of_tasks_loads_nothing_heavy(task: str) -> None:
    code = f"import sys, ptychopinn_app.jobs.{task}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "[]"
