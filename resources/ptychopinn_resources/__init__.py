"""Files that PtychoPINN Studio ships: icons, style sheet, colour tokens and help texts."""

from __future__ import annotations

from pathlib import Path

from ptychopinn_resources.palette import TOKENS

ROOT = Path(__file__).resolve().parent
THEMES = ("dark", "light")


def icon_names() -> tuple[str, ...]:
    """Return the names of all icons, sorted, without suffix."""
    return tuple(sorted(path.stem for path in (ROOT / "icons").glob("*.svg")))


def icon_path(name: str) -> Path:
    """Return the SVG file of an icon.

    Raises
    ------
    FileNotFoundError
        No icon has this name; the message lists all icons.
    """
    path = ROOT / "icons" / f"{name}.svg"
    if not path.is_file():
        raise FileNotFoundError(f"No icon named {name!r}; expected one of {', '.join(icon_names())}.")
    return path


def colours(theme: str) -> dict[str, str]:
    """Return the colours of a theme ('dark' or 'light') as a mapping from token to '#rrggbb'.

    Raises
    ------
    ValueError
        The theme is neither 'dark' nor 'light'.
    """
    if theme not in THEMES:
        raise ValueError(f"Unknown theme {theme!r}; expected 'dark' or 'light'.")
    return {token: pair[THEMES.index(theme)] for token, pair in TOKENS.items()}


def style_sheet(theme: str) -> str:
    """Return the Qt style sheet of a theme, with its colours and the paths of its glyph files filled in."""
    sheet = (ROOT / "style" / "app.qss").read_text(encoding="utf-8")
    values = {**colours(theme), "style": (ROOT / "style").as_posix()}
    # Longest names first, so that @text does not replace part of @text-muted.
    for name in sorted(values, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", values[name])
    return sheet


def help_text(name: str) -> str:
    """Return the Markdown text of a help page, given its file name without suffix."""
    return (ROOT / "help" / f"{name}.md").read_text(encoding="utf-8")
