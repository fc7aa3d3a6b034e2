"""Jobs in child processes: results, failures, crashes, stops."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import types
from pathlib import Path

import app_fakes
import pytest
from pytestqt.qtbot import QtBot

from ptychopinn.events import Batch, Phase, Preview
from ptychopinn_app.jobs.failure import JobFailure
from ptychopinn_app.jobs.job import JobSpec, call, job_call
from ptychopinn_app.jobs.process import Prewarmer
from ptychopinn_app.jobs.short_tasks import ShortTasks
from ptychopinn_app.jobs.tasks import Throttle
from ptychopinn_app.jobs.worker import DispatchWorker, Mode

MODES = pytest.mark.parametrize("mode", ["thread", "process"])


class Heard:
    """Records the signals of a worker."""

    def __init__(self, worker: DispatchWorker) -> None:
        self.events: list[object] = []
        self.results: list[object] = []
        self.failures: list[JobFailure] = []
        self.cancelled = 0
        worker.reported.connect(self.events.append)
        worker.ended.connect(self._ended)

    def _ended(self, status: str, result: object, failure: JobFailure | None) -> None:
        if status == "cancelled":
            self.cancelled += 1
        elif failure is not None:
            self.failures.append(failure)
        else:
            self.results.append(result)


def run(qtbot: QtBot, worker: DispatchWorker) -> Heard:
    heard = Heard(worker)
    with qtbot.waitSignal(worker.finished, timeout=30_000):
        worker.start()
    qtbot.wait(10)
    return heard


@MODES
def test_a_job_reports_events_and_returns_its_result(qtbot: QtBot, mode: Mode) -> None:
    heard = run(qtbot, DispatchWorker(JobSpec(job_call(app_fakes.ok, 3)), mode))
    assert heard.events == [Phase("step 0"), Phase("step 1"), Phase("step 2")]
    assert heard.results == [3]


@MODES
def test_a_foreign_exception_is_named_with_its_class(qtbot: QtBot, mode: Mode) -> None:
    heard = run(qtbot, DispatchWorker(JobSpec(job_call(app_fakes.boom)), mode))
    assert heard.failures[0].summary == "ValueError: gridsize must be positive"
    assert "Traceback" in heard.failures[0].details


def test_an_error_of_ours_is_reported_in_its_own_words(qtbot: QtBot) -> None:
    heard = run(qtbot, DispatchWorker(JobSpec(job_call(app_fakes.own_error)), "process"))
    assert heard.failures[0].summary == "The scan has 3 patterns; expected 10 or more. Measure longer."


def test_a_task_whose_module_is_missing_in_the_child_fails_without_a_crash(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("module_of_this_process")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec("def task(emit, stop): pass", module.__dict__)
    heard = run(qtbot, DispatchWorker(JobSpec(job_call(module.task)), "process"))
    assert "module_of_this_process" in heard.failures[0].summary


def test_a_crash_of_native_code_is_reported_with_the_end_of_the_log(qtbot: QtBot, tmp_path: Path) -> None:
    heard = run(qtbot, DispatchWorker(JobSpec(job_call(app_fakes.segv), log=tmp_path / "log"), "process"))
    failure = heard.failures[0]
    assert failure.kind == "crash" and "SIGSEGV" in failure.summary
    assert "about to crash" in failure.details and "Fatal Python error" in failure.details


def test_a_killed_job_hints_at_memory(qtbot: QtBot, tmp_path: Path) -> None:
    heard = run(qtbot, DispatchWorker(JobSpec(job_call(app_fakes.killed), log=tmp_path / "log"), "process"))
    assert heard.failures[0].kind == "killed" and "memory" in heard.failures[0].summary


@MODES
def test_a_stopped_job_saves_its_result(qtbot: QtBot, mode: Mode) -> None:
    worker = DispatchWorker(JobSpec(job_call(app_fakes.loop)), mode)
    heard = Heard(worker)
    with qtbot.waitSignal(worker.reported, timeout=30_000):
        worker.start()
    with qtbot.waitSignal(worker.finished, timeout=30_000):
        worker.stop()
    qtbot.wait(10)
    assert heard.results == ["kept"] and not heard.cancelled


@MODES
def test_a_cancelled_job_has_no_result_even_if_one_arrives(qtbot: QtBot, mode: Mode) -> None:
    worker = DispatchWorker(JobSpec(job_call(app_fakes.loop)), mode)
    heard = Heard(worker)
    with qtbot.waitSignal(worker.reported, timeout=30_000):
        worker.start()
    with qtbot.waitSignal(worker.finished, timeout=30_000):
        worker.cancel()
    qtbot.wait(10)
    assert heard.cancelled == 1 and not heard.results and not heard.failures


def test_an_unresponsive_job_is_killed_after_the_grace_time(qtbot: QtBot) -> None:
    worker = DispatchWorker(JobSpec(job_call(app_fakes.deaf)), "process", grace=0.3)
    heard = Heard(worker)
    with qtbot.waitSignal(worker.reported, timeout=30_000):
        worker.start()
    with qtbot.waitSignal(worker.finished, timeout=30_000):
        worker.cancel()
    qtbot.wait(10)
    assert heard.cancelled == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
@pytest.mark.parametrize("at_once", [False, True])
def test_the_processes_of_a_job_end_with_it(qtbot: QtBot, at_once: bool) -> None:
    worker = DispatchWorker(JobSpec(job_call(app_fakes.family)), "process")
    with qtbot.waitSignal(worker.reported, timeout=30_000) as reported:
        worker.start()
    other = int(reported.args[0].text)
    with qtbot.waitSignal(worker.finished, timeout=30_000):
        worker.cancel(at_once=at_once)

    def gone() -> bool:
        status = Path(f"/proc/{other}/stat")
        if sys.platform == "linux":
            # Whoever adopts it may leave it as a zombie for a while.
            return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"
        try:
            os.kill(other, 0)
        except ProcessLookupError:
            return True
        return False

    qtbot.waitUntil(gone, timeout=15_000)


def test_environment_reaches_the_job_and_not_the_window(qtbot: QtBot) -> None:
    spec = JobSpec(job_call(app_fakes.environment, "CUDA_VISIBLE_DEVICES"), environment={"CUDA_VISIBLE_DEVICES": "3"})
    assert run(qtbot, DispatchWorker(spec, "process")).results == ["3"]
    assert os.environ.get("CUDA_VISIBLE_DEVICES") != "3"


def test_a_warm_child_has_imported_before_its_job_starts(qtbot: QtBot) -> None:
    warmer = Prewarmer()
    warmer.start("any", ("wave", "no_such_module_at_all"))
    assert warmer.take("another backend") is None
    child = warmer.take("any")
    assert child is not None and not warmer.ready
    spec = JobSpec(job_call(app_fakes.modules, ("wave", "xdrlib")))
    assert run(qtbot, DispatchWorker(spec, "process", child=child)).results == [("wave",)]


def test_a_waiting_child_ends_when_the_window_closes() -> None:
    warmer = Prewarmer()
    warmer.start("any", ())
    assert warmer.ready
    warmer.close()
    assert not warmer.ready


@MODES
def test_short_tasks_run_in_order_and_continue_after_failures(qtbot: QtBot, mode: Mode) -> None:
    tasks = ShortTasks(mode)
    answers: list[object] = []
    tasks.request(call(app_fakes.doubled, 1), answers.append, answers.append)
    tasks.request(call(app_fakes.refused), answers.append, lambda failure: answers.append(failure.summary))
    tasks.request(call(app_fakes.doubled, 2), answers.append, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 3, timeout=30_000)
    tasks.close()
    assert answers == [2, "ValueError: gridsize must be positive", 4]


def test_a_child_that_died_is_replaced(qtbot: QtBot) -> None:
    tasks = ShortTasks("process")
    failures: list[JobFailure] = []
    answers: list[object] = []
    tasks.request(call(app_fakes.dying), answers.append, failures.append)
    tasks.request(call(app_fakes.doubled, 5), answers.append, failures.append)
    qtbot.waitUntil(lambda: len(answers) + len(failures) == 2, timeout=30_000)
    tasks.close()
    assert [(failure.kind, failure.summary) for failure in failures] == [
        ("crash", "The helper process ended unexpectedly during 'dying'. Try again.")
    ]
    assert answers == [10]


def test_a_task_that_does_not_belong_to_a_module_fails(qtbot: QtBot) -> None:
    tasks = ShortTasks("process")
    failures: list[JobFailure] = []
    tasks.request(call(lambda: 1), failures.append, failures.append)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: len(failures) == 1, timeout=30_000)
    tasks.close()
    assert "pickle" in failures[0].summary


def test_previews_are_thinned_and_the_newest_wins() -> None:
    sent: list[object] = []
    now = [0.0]
    throttle = Throttle(sent.append, clock=lambda: now[0])
    previews = [Preview(epoch, None, None) for epoch in range(4)]  # type: ignore[arg-type]
    for preview in previews[:3]:
        throttle(preview)
    throttle(Phase("next"))
    assert sent == [previews[0], Phase("next")]
    now[0] = 0.21
    throttle(Batch(1, 2, 1, 2, 0.5))
    assert previews[2] in sent and previews[1] not in sent
    throttle(previews[3])
    throttle.flush()
    assert sent[-1] == previews[3]


ORPHAN = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
if __name__ == "__main__":
    import app_fakes
    from ptychopinn_app.jobs.job import JobSpec, job_call
    from ptychopinn_app.jobs.process import ChildProcess
    child = ChildProcess()
    child.start(JobSpec(job_call(app_fakes.deaf)))
    while child.receive(1.0) is None:
        pass
    print(child.pid, flush=True)
    {end}
"""


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "raise SystemExit('an error nobody caught')"])
def test_no_job_outlives_the_window(tmp_path: Path, end: str) -> None:
    script = tmp_path / "window.py"
    script.write_text(ORPHAN.format(end=end))
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    pid = int(done.stdout.split()[0])
    deadline = time.monotonic() + 10
    while _running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _running(pid)


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
