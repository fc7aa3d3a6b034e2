"""Texts for the clipboard: the settings as a command line or a program, and a report for the developers."""

from __future__ import annotations

from ptychopinn_app.job_settings.scripts import command_line, python_program
from ptychopinn_app.services.clipboard import copy_text
from ptychopinn_app.services.issue_report import issue_report
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.state import SessionState


class Clipboard:
    """Writes about what is open."""

    def __init__(self, state: SessionState, messages: Messages) -> None:
        self._state, self._messages = state, messages

    def copy_command(self) -> None:
        """Copy the settings as a command line."""
        state = self._state
        self._put(command_line(state.config, state.scan, state.test_scan), "The command line")

    def copy_program(self) -> None:
        """Copy the settings as a Python program."""
        state = self._state
        self._put(python_program(state.config, state.scan, state.test_scan), "The program")

    def copy_issue_report(self) -> None:
        """Copy a text for the developers."""
        state, lines = self._state, self._messages.log.lines
        self._put(issue_report(state.scan, state.model, state.config.to_table(), lines), "The issue report")

    def _put(self, text: str, what: str) -> None:
        copy_text(text)
        self._messages.success(f"{what} is on the clipboard.")
