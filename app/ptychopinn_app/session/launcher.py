"""Starts of jobs: a folder for the run, its note, and the call (no Qt)."""

from __future__ import annotations

import time
from pathlib import Path

from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.jobs.job import JobInfo, JobSpec
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.planned_jobs import PlannedJob


def launch(job: PlannedJob, settings: JobSettings, title: str, root: Path) -> tuple[JobInfo, JobSpec]:
    """Make the folder of a run under `root`, and what the job's process needs.

    Raises
    ------
    OSError
        The folder cannot be made, or its note cannot be written.
    """
    run_dir = runs.new_run_folder(root, job.kind, job.scan.path.stem)
    runs.write_note(
        run_dir,
        kind=job.kind,
        title=title,
        started=time.time(),
        status="running",
        data=job.scan.path,
        settings=settings.to_table(),
        **job.sources,
    )
    info = JobInfo(job.kind, title, run_dir, run_dir / runs.PROCESS_LOG)
    environment = {"CUDA_VISIBLE_DEVICES": settings.device_index} if settings.device_index else {}
    return info, JobSpec(job.call(settings, run_dir), info.log, environment)
