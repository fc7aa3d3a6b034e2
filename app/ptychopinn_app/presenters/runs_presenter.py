"""Connects the runs on disk with their list and their comparison."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.presenters.settings_files import SettingsFiles
from ptychopinn_app.records import RunEntry
from ptychopinn_app.session.comparison import Comparisons
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.run_list import RunList


class RunsPresenter(QObject):
    """Lists the runs; opens and compares them, and loads their settings."""

    def __init__(
        self,
        parts: WindowParts,
        messages: Messages,
        run_list: RunList,
        comparisons: Comparisons,
        settings_files: SettingsFiles,
    ) -> None:
        super().__init__(parts.window)
        self._central, self._messages = parts.central, messages
        panel = self._central.runs
        panel.compareRequested.connect(comparisons.compare)
        panel.openRequested.connect(run_list.open)
        panel.settingsRequested.connect(settings_files.take_from_run)
        run_list.changed.connect(self._show)

    def compare(self) -> None:
        """Compare the two runs selected in the list, or explain how to select two."""
        panel = self._central.runs
        if not panel.compare():
            self._central.select(panel)
            self._messages.info("Select two runs in the Runs tab with Ctrl+click, Shift+click or Shift+arrow keys.")

    def _show(self, entries: tuple[RunEntry, ...]) -> None:
        self._central.runs.show_runs(entries)
        self._central.count_runs(len(entries))
