"""Files that PtychoPINN Studio ships: icons, style sheet and colour tokens."""

from __future__ import annotations

from pathlib import Path

from ptychopinn_resources.palette import DARK, LIGHT

ROOT = Path(__file__).resolve().parent
_THEMES = {"dark": DARK, "light": LIGHT}
THEMES = tuple(_THEMES)


def icon_names() -> tuple[str, ...]:
    """Give the names of all icons, sorted, without suffix."""
    return tuple(sorted(path.stem for path in (ROOT / "icons").glob("*.svg")))


def icon_path(name: str) -> Path:
    """Give the SVG file of an icon.

    Raises
    ------
    FileNotFoundError
        If no icon has this name; the text lists those that exist.
    """
    path = ROOT / "icons" / f"{name}.svg"
    if not path.is_file():
        raise FileNotFoundError(f"No icon named {name!r}; expected one of {', '.join(icon_names())}.")
    return path


def colours(theme: str) -> dict[str, str]:
    """Give the colour tokens of a theme ('dark' or 'light'): token name -> '#rrggbb'.

    Raises
    ------
    ValueError
        If the theme is not one of the two.
    """
    if theme not in _THEMES:
        raise ValueError(f"Theme {theme!r} is unknown; expected 'dark' or 'light'.")
    return dict(_THEMES[theme])


def style_sheet(theme: str) -> str:
    """Give the Qt style sheet of a theme, with its colours and glyph files filled in."""
    sheet = (ROOT / "style" / "app.qss").read_text(encoding="utf-8")
    values = {**colours(theme), "style": (ROOT / "style").as_posix()}
    # Longest names first, so that @text-muted is not taken for @text.
    for name in sorted(values, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", values[name])
    return sheet
