"""Trainings that differ in one setting (no Qt)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptychopinn.config.field import FieldInfo
from ptychopinn.errors import ConfigError
from ptychopinn_app.job_settings.sections import BY_NAME

if TYPE_CHECKING:
    from ptychopinn_app.job_settings.values import JobSettings
    from ptychopinn_app.session.session import Session

SWEPT = ("model", "training", "execution")
_TRUTHS = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


def swept_fields() -> list[tuple[str, FieldInfo]]:
    """Give the settings of a training that can take several values: numbers, choices and switches."""
    return [
        (name, info)
        for name in SWEPT
        for info in BY_NAME[name].fields()
        if info.name != "N" and (info.choices is not None or info.type in (bool, int, float))
    ]


def read_values(config: JobSettings, section: str, info: FieldInfo, text: str) -> list[object]:
    """Read values that are separated by commas.

    Raises
    ------
    ConfigError
        There is none, or one of them does not suit the setting.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ConfigError("There are no values", "some, separated by commas", _example(info))
    found: list[object] = []
    for word in words:
        value = _read(info, word)
        trial = config.copy()
        left_out = trial.restore({section: {info.name: value}}) if value is not None else ["unread"]
        if left_out:
            raise ConfigError(f"'{word}' is no value of {info.label}", _expected(info), _example(info))
        if value not in found:
            found.append(value)
    return found


def start_sweep(session: Session, section: str, info: FieldInfo, values: list[object]) -> None:
    """Queue a training for every value; each run's title says which."""
    scan = session.dataset
    if (reason := session.why_not_train()) or scan is None:
        session.notified.emit("warning", reason)
        return
    for value in values:
        launcher = session.launcher.snapshot(f"{info.label} = {_say(value)}", {(section, info.name): value})
        session.queue.add("train", launcher, tell=False, scan=scan, test=session.test_dataset)
    session.notified.emit("info", f"{len(values)} trainings are queued; compare them in the Runs tab.")


def _read(info: FieldInfo, word: str) -> object:
    if info.choices is not None:
        return next((choice for choice in info.choices if str(choice) == word), None)
    if info.type is bool:
        return _TRUTHS.get(word.lower())
    try:
        return int(word) if info.type is int else float(word)
    except ValueError:
        return None


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _expected(info: FieldInfo) -> str:
    if info.choices is not None:
        return f"one of {', '.join(map(str, info.choices))}"
    if info.type is bool:
        return "on or off"
    kind = "a whole number" if info.type is int else "a number"
    limits = [
        f"{word} {limit:g}" for word, limit in (("from", info.minimum), ("to", info.maximum)) if limit is not None
    ]
    return " ".join([kind, *limits])


def _example(info: FieldInfo) -> str:
    return "Write for example: on, off" if info.type is bool else "Write for example: " + ", ".join(_examples(info))


def _examples(info: FieldInfo) -> list[str]:
    if info.choices is not None:
        return [str(choice) for choice in info.choices[:2]]
    return ["1", "2", "4"] if info.type is int else ["1e-3", "3e-4"]
