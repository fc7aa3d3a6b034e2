"""Make text of unknown length fit: shorten names and allow line breaks inside paths (no Qt)."""

from __future__ import annotations

import re

# The longest word that fits the narrowest place for sentences.
LONGEST_WORD = 26
# Zero-width space: a line may end there.
BREAK = "\u200b"


def breakable(text: str) -> str:
    """Allow line breaks inside long words, such as paths and file names."""
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", _with_breaks, text)


def shortened(text: str, longest: int) -> str:
    """Shorten text to at most `longest` characters by eliding the middle; the end often distinguishes file names."""
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
