"""Words of unknown length: names are shortened, sentences may break inside a path (no Qt)."""

from __future__ import annotations

import re

# A word of this length still fits the narrowest place that shows sentences.
LONGEST_WORD = 26
# Zero-width space: a line may end there, nothing is drawn.
BREAK = "\u200b"


def breakable(text: str) -> str:
    """Let the lines of a text end inside long words, such as paths and file names."""
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", _with_breaks, text)


def shortened(text: str, longest: int) -> str:
    """Give a text of at most `longest` characters; the end, which tells files apart, stays whole."""
    if len(text) <= longest:
        return text
    end = longest // 2
    return f"{text[: longest - end - 1]}…{text[-end:]}"


def _with_breaks(match: re.Match[str]) -> str:
    pieces = re.split(r"(?<=[_/\\.,:-])", match.group())
    step = LONGEST_WORD
    return BREAK.join(
        BREAK.join(piece[start : start + step] for start in range(0, len(piece), step)) for piece in pieces if piece
    )
