"""Undo and redo for settings; successive edits of the same field form one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtGui import QUndoCommand, QUndoStack

from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.session.state import SessionState

Table = dict[str, object]
T = TypeVar("T")


class SettingsEdits(QUndoStack):
    """Undo stack of settings changes made by the user, not by the program."""

    def __init__(self, state: SessionState) -> None:
        super().__init__(state)
        self._state = state

    def edit(self, section: str, field: str, value: object) -> None:
        """Change one setting."""
        before = self._state.config.values(section)[field]
        if value != before:
            self.push(_Edit(self._state, section, field, before, value))

    def replace(self, table: Table, words: str) -> list[str]:
        """Set all settings from a table (see `JobSettings.to_table`); return the names of skipped settings."""
        config = self._state.config
        before = config.to_table()
        config.reset()
        skipped = config.restore(table)
        after = config.to_table()
        config.reset()
        config.restore(before)
        if after != before:
            self.push(_Change(words, self._state.set_all, before, after))
        return skipped


class _Change(QUndoCommand):
    """Applies a value, or restores the previous one."""

    def __init__(self, words: str, apply: Callable[[T], None], before: T, after: T) -> None:
        super().__init__(words)
        self._apply, self._before, self._after = apply, before, after

    def redo(self) -> None:
        self._apply(self._after)

    def undo(self) -> None:
        self._apply(self._before)


class _Edit(_Change):
    """An edit of one field; successive edits of the same field are merged."""

    def __init__(self, state: SessionState, section: str, field: str, before: object, after: object) -> None:
        label = next((info.label for info in BY_NAME[section].fields() if info.name == field), field)
        super().__init__(label, lambda value: state.set_value(section, field, value), before, after)
        self._place = (section, field)

    def id(self) -> int:
        """Return the same id for all edits of a field, so that Qt merges them."""
        return hash(self._place) & 0x3FFFFFFF

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        """Merge a later edit of the same field; mark the merged edit as obsolete if it changes nothing."""
        if not isinstance(other, _Edit) or other._place != self._place:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True
