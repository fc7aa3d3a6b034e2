"""Progress on a terminal and in a file."""

from __future__ import annotations

import io

from ptychopinn.cli.output import fresh_folder
from ptychopinn.cli.progress import Progress
from ptychopinn.events import Batch, Epoch, Notice, Phase


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def epoch(number: int) -> Epoch:
    return Epoch(number, 10, 0.5, 0.6, 2.0, 83.0, 1e-3, True)


def test_a_file_gets_one_line_per_epoch_with_losses_and_time_left() -> None:
    stream = io.StringIO()
    progress = Progress(stream=stream)
    for event in (Phase("training"), Batch(1, 10, 1, 4, 0.7), epoch(1), epoch(2)):
        progress(event)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "training ..."
    assert lines[1] == "epoch 1: loss 0.50000, validation 0.60000, 2.0 s, 1:23 left"
    assert len(lines) == 3


def test_a_terminal_gets_a_bar() -> None:
    stream = Terminal()
    progress = Progress(stream=stream)
    progress(Phase("training"))
    progress(Batch(5, 10, 4, 4, 0.7))
    assert "[############            ]  50 %" in stream.getvalue()


def test_warnings_are_shown_even_when_quiet() -> None:
    stream = io.StringIO()
    progress = Progress(quiet=True, stream=stream)
    for event in (Phase("training"), Notice("info", "calm"), Notice("warning", "storm"), epoch(1)):
        progress(event)
    assert stream.getvalue() == "warning: storm\n"


def test_a_fresh_folder_does_not_exist_yet(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = fresh_folder("scan")
    first.mkdir(parents=True)
    assert first.name == "scan-001"
    assert fresh_folder("scan").name == "scan-002"
