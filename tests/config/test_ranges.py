"""Range rules of single options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

from ptychopinn.config.field import option
from ptychopinn.config.ranges import field_problems, refuse
from ptychopinn.errors import ConfigError


@dataclass
class Sample:
    count: int = option(1, label="Count", help="How many.", minimum=1, maximum=9)
    rate: float = option(0.5, label="Rate", help="How fast.", minimum=0.0, positive=True)
    limit: float | None = option(None, label="Limit", help="How far.")
    kind: Literal["a", "b"] = option("a", label="Kind", help="Which.")
    silent: int = -5


def test_values_in_range_have_no_problem() -> None:
    assert field_problems(Sample()) == {}
    assert field_problems(Sample(count=9, rate=1e-9, limit=-3.0, kind="b")) == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("count", 0, "count is 0; expected 1 or more. Raise it."),
        ("count", 10, "count is 10; expected 9 or less. Lower it."),
        ("count", 1.5, "count is 1.5; expected a whole number. Set it to 2."),
        ("count", None, "count is None; expected a value. Enter a value."),
        ("count", True, "count is True; expected a number."),
        ("count", "3", "count is '3'; expected a number."),
        ("rate", 0.0, "rate is 0.0; expected a positive number. Raise it."),
        ("rate", float("nan"), "rate is nan; expected a finite number."),
        ("kind", "c", "kind is 'c'; expected one of a, b. Choose one of them."),
    ],
)
def test_a_value_out_of_range_gives_a_sentence_by_name(name: str, value: object, sentence: str) -> None:
    (found,) = field_problems(Sample(**{name: value})).items()
    assert found[0] == name
    assert found[1].startswith(sentence)


def test_the_first_problem_is_the_error() -> None:
    refuse({})
    with pytest.raises(ConfigError, match="first"):
        refuse({"a": "first", "b": "second"})
