"""Flags come from the configuration dataclasses: each shown option has one, none clashes."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from ptychopinn.cli.flags import add_config_flags, overrides
from ptychopinn.cli.main import build_parser
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import describe, option
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig


@dataclasses.dataclass
class Sample:
    width_px: int = option(3, label="Width", help="How wide, up to 50 % of it.", unit="px")
    smooth: bool = option(True, label="Smooth", help="Whether to smooth.")
    limit: float | None = option(None, label="Limit", help="The limit.", unset="no limit")
    folder: Path = option(Path("x"), label="Folder", help="Where.")


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    add_config_flags(made, Sample, "sample", {"width_px": 7})
    return made


def train_flags() -> set[str]:
    # The parser's own table is the one place that knows every flag.
    subcommands: Any = build_parser()._subparsers
    return set(subcommands._group_actions[0].choices["train"]._option_string_actions)


def test_unused_flags_leave_no_attribute(parser: argparse.ArgumentParser) -> None:
    assert overrides(parser.parse_args([]), Sample) == {}


def test_values_have_the_types_of_their_fields(parser: argparse.ArgumentParser) -> None:
    args = parser.parse_args(["--width-px", "5", "--no-smooth", "--limit", "1e-3", "--folder", "a/b"])
    assert overrides(args, Sample) == {"width_px": 5, "smooth": False, "limit": 1e-3, "folder": Path("a/b")}


def test_help_shows_sentence_label_unit_and_default(parser: argparse.ArgumentParser) -> None:
    text = " ".join(parser.format_help().split())
    assert "How wide, up to 50 % of it. (Width, in px; default: 7)" in text
    assert "The limit. (Limit; default: no limit)" in text


@pytest.mark.parametrize("cls", [ModelConfig, TrainingConfig, PyTorchExecutionConfig])
def test_every_shown_option_is_a_flag_of_train(cls: type[Any]) -> None:
    own = {"N", "train_data_file"}  # The scan is the argument and gives the size of its patterns.
    wanted = {"--" + info.name.lower().replace("_", "-") for info in describe(cls) if info.name not in own}
    assert wanted <= train_flags()


@pytest.mark.parametrize(
    ("command", "flags"),
    [
        ("demo", {"--output", "--gui", "--json"}),
        ("simulate", {"--n", "--positions", "--photons", "--seed", "--json"}),
        ("check", {"--fix", "--json"}),
        ("train", {"--test-file", "--output", "--backend", "--epochs", "--max-minutes", "--seed", "--fix", "--json"}),
        ("reconstruct", {"--output", "--refine", "--fix", "--json"}),
        ("gui", {"--json"}),
    ],
)
def test_the_stable_flags_keep_their_names(command: str, flags: set[str]) -> None:
    subcommands: Any = build_parser()._subparsers
    assert flags <= set(subcommands._group_actions[0].choices[command]._option_string_actions)
