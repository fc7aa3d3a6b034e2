"""Preferences stored between sessions. Damaged entries fall back to their defaults."""

from __future__ import annotations

import json
from pathlib import Path

from PyQt6.QtCore import QByteArray, QSettings, QStandardPaths

ORGANISATION = "PtychoPINN"
APPLICATION = "Studio"
RECENT_LIMIT = 10


def user_settings() -> QSettings:
    """Open the user's preferences."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION)


def default_runs_folder() -> Path:
    """Return the default folder for runs."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / "PtychoPINN runs"


class Settings:
    """Typed view of a QSettings object; reading never raises."""

    def __init__(self, store: QSettings | None = None) -> None:
        self.store = store if store is not None else user_settings()

    def text(self, key: str, default: str = "") -> str:
        """Read a string."""
        value = self.store.value(key, default)
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool) -> bool:
        """Read a flag."""
        value = self.store.value(key, default)
        if isinstance(value, bool):
            return value
        return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower(), default)

    def blob(self, key: str) -> QByteArray:
        """Read bytes; empty if none are stored."""
        value = self.store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def table(self, key: str) -> dict[str, object]:
        """Read a dictionary stored as JSON."""
        value = self._json(key)
        return value if isinstance(value, dict) else {}

    def put(self, key: str, value: str | bool | QByteArray) -> None:
        """Store a value."""
        self.store.setValue(key, value)

    def put_table(self, key: str, value: dict[str, object]) -> None:
        """Store a dictionary as JSON; paths are stored as strings."""
        self.store.setValue(key, json.dumps(value, default=str))

    def recent(self, kind: str) -> list[Path]:
        """Return the recent files of a kind ('data' or 'model'), newest first."""
        items = self._json(f"recent/{kind}")
        return [Path(item) for item in items if isinstance(item, str)][:RECENT_LIMIT] if isinstance(items, list) else []

    def _json(self, key: str) -> object:
        try:
            return json.loads(self.text(key))
        except json.JSONDecodeError:
            return None

    def add_recent(self, kind: str, path: Path) -> None:
        """Put a file at the top of the recent files, and store its folder as the last used folder."""
        items = [path, *(item for item in self.recent(kind) if item != path)][:RECENT_LIMIT]
        self.put(f"recent/{kind}", json.dumps([str(item) for item in items]))
        self.put("folder/last", str(path.parent))

    def clear_recent(self) -> None:
        """Clear the list of recent files."""
        self.store.remove("recent")

    def last_folder(self) -> str:
        """Return the folder of the most recently opened file."""
        return self.text("folder/last", str(Path.home()))

    def runs_folder(self) -> Path:
        """Return the runs folder."""
        chosen = self.text("folder/runs")
        return Path(chosen) if chosen else default_runs_folder()

    def clear(self) -> None:
        """Delete all preferences."""
        self.store.clear()
