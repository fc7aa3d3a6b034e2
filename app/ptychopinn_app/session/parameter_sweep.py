"""Parameter sweeps: training runs that differ in one setting."""

from __future__ import annotations

from ptychopinn.config.field import FieldInfo
from ptychopinn.errors import ConfigError
from ptychopinn.wording import counted
from ptychopinn_app.binder.values import value_text
from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.planned_jobs import TrainJob
from ptychopinn_app.session.queue import JobQueue
from ptychopinn_app.session.state import SessionState

SECTIONS = ("model", "training", "execution")
_TRUTHS = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


def swept_fields() -> list[tuple[str, FieldInfo]]:
    """Return (section, field) for each training setting that can be swept: numbers, choices and switches, except N."""
    return [
        (name, info)
        for name in SECTIONS
        for info in BY_NAME[name].fields()
        if info.name != "N" and (info.choices is not None or info.type in (bool, int, float))
    ]


def read_values(config: JobSettings, section: str, info: FieldInfo, text: str) -> list[object]:
    """Parse comma-separated values.

    Raises
    ------
    ConfigError
        No values are given, or a value is invalid for the setting.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    expected, example = _expected(info)
    example = f"For example: {example}"
    if not words:
        raise ConfigError("No values to try", "values separated by commas", example)
    values: list[object] = []
    for word in words:
        value = _read(info, word)
        trial = config.copy()
        if value is None or trial.restore({section: {info.name: value}}):
            raise ConfigError(f"{info.label} cannot be '{word}'", expected, example)
        if value not in values:
            values.append(value)
    return values


class ParameterSweep:
    """Queues one training run per value of a setting; each run's title names the value."""

    def __init__(self, state: SessionState, messages: Messages, queue: JobQueue) -> None:
        self._state, self._messages, self._queue = state, messages, queue

    def why_not(self) -> str:
        """Return why training cannot start; empty if it can."""
        return self._queue.why_not("train")

    def values(self, section: str, info: FieldInfo, text: str) -> list[object]:
        """Parse values for a setting; raises the same errors as `read_values`."""
        return read_values(self._state.config, section, info, text)

    def start(self, section: str, info: FieldInfo, values: list[object]) -> None:
        """Queue the training runs."""
        scan = self._state.scan
        if (reason := self.why_not()) or scan is None:
            self._messages.warn(reason)
            return
        for value in values:
            settings = self._state.config.copy()
            settings.set(section, info.name, value)
            job = TrainJob(scan, self._state.test_scan)
            self._queue.add(job, settings, f"{info.label} = {value_text(value)}", tell=False)
        self._messages.info(f"Queued {counted(len(values), 'training run')}. Compare the runs in the Runs tab.")


def _read(info: FieldInfo, word: str) -> object:
    if info.choices is not None:
        return next((choice for choice in info.choices if str(choice) == word), None)
    if info.type is bool:
        return _TRUTHS.get(word.lower())
    try:
        return int(word) if info.type is int else float(word)
    except ValueError:
        return None


def _expected(info: FieldInfo) -> tuple[str, str]:
    """Return a description of the values that a setting accepts, and an example."""
    if info.choices is not None:
        choices = [str(choice) for choice in info.choices]
        return f"one of {', '.join(choices)}", ", ".join(choices[:2])
    if info.type is bool:
        return "on or off", "on, off"
    kind, example = ("a whole number", "1, 2, 4") if info.type is int else ("a number", "1e-3, 3e-4")
    limits = (("from", info.minimum), ("to", info.maximum))
    return " ".join([kind, *(f"{word} {limit:g}" for word, limit in limits if limit is not None)]), example
