"""Texts for the clipboard: the settings as a command line or a program, and a bug report."""

from __future__ import annotations

from ptychopinn_app.job_settings.scripts import command_line, python_program
from ptychopinn_app.services.clipboard import copy_text
from ptychopinn_app.services.issue_report import issue_report
from ptychopinn_app.session.session import Session


class Clipboard:
    """Copies texts about the open files and their settings."""

    def __init__(self, session: Session) -> None:
        self._state, self._messages = session.state, session.messages

    def copy_command(self) -> None:
        """Copy the settings as a command line."""
        state = self._state
        self._copy("Command line", command_line(state.config, state.scan, state.test_scan))

    def copy_program(self) -> None:
        """Copy the settings as a Python program."""
        state = self._state
        self._copy("Python program", python_program(state.config, state.scan, state.test_scan))

    def copy_issue_report(self) -> None:
        """Copy versions, settings and log for a bug report."""
        state = self._state
        lines = self._messages.log.lines
        self._copy("Bug report", issue_report(state.scan, state.model, state.config.to_table(), lines))

    def _copy(self, title: str, text: str) -> None:
        copy_text(text)
        self._messages.success(f"{title} copied to the clipboard.")
