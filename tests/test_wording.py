"""Numbers in sentences."""

from ptychopinn.wording import counted


def test_a_noun_agrees_with_its_number() -> None:
    assert [counted(number, "epoch") for number in (0, 1, 2000)] == ["0 epochs", "1 epoch", "2,000 epochs"]
