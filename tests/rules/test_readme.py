"""What README says can be typed: its marked commands, and every example of the command line."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ptychopinn.cli.main import build_parser

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^(?:\.venv/bin/)?ptychopinn (.+)$", README, re.MULTILINE)


@pytest.mark.parametrize(("marker", "word"), [("demo command", "ptychopinn demo"), ("test command", "-m pytest")])
def test_a_marked_block_holds_one_shell_line(marker: str, word: str) -> None:
    # .ci/run takes the lines from the marker to the next empty line, less the fences.
    paragraph = README.split(f"<!-- {marker} -->")[1].split("\n\n")[0]
    (line,) = [line for line in paragraph.splitlines() if line and not line.startswith("```")]
    assert word in line
    assert "-c constraints.txt" in line


def test_there_are_examples() -> None:
    assert {shlex.split(example)[0] for example in EXAMPLES} >= {"check", "train", "reconstruct", "simulate", "gui"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_command_line_is_understood(example: str) -> None:
    command = example.split("#")[0].replace("[", "").replace("]", "")
    build_parser().parse_args(shlex.split(command))


def test_it_names_no_path_of_a_machine() -> None:
    assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users|opt)/", README)
