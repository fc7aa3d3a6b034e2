"""Text for bug reports, with paths shortened to file names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ptychopinn_app.records import Model, Scan
from ptychopinn_app.services.logbook import LogLine
from ptychopinn_app.services.versions import version_text

_LAST_LINES = 60
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][^\s\\/'\":,;]+)+[\\/]([^\s\\/'\":,;]+)")


def issue_report(scan: Scan | None, model: Model | None, settings: dict[str, object], log: Iterable[LogLine]) -> str:
    """Return a report on versions, open files, changed settings and the last lines of the log."""
    parts = {
        "Versions": version_text(),
        "Data": _scan_text(scan),
        "Model": model.path.name if model is not None else "none",
        "Settings": "\n".join(_changed(settings)),
        "Log": "\n".join(line.text for line in list(log)[-_LAST_LINES:]),
    }
    return "\n\n".join(f"## {title}\n{without_folders(text)}" for title, text in parts.items()) + "\n"


def without_folders(text: str) -> str:
    """Shorten every path to its file name."""
    return _PATH.sub(r"…/\1", text)


def _scan_text(scan: Scan | None) -> str:
    if scan is None:
        return "none"
    facts = scan.summary
    lines = [
        f"{scan.path.name}: {facts.n_patterns} patterns {facts.pattern_shape} {facts.dtype}, {facts.units}",
        f"mean counts {facts.mean_counts}, probe modes {facts.probe_modes}, overlap {facts.overlap}",
    ]
    return "\n".join(lines + [f"{finding.severity}: {finding}" for finding in facts.findings])


def _changed(table: dict[str, object]) -> Iterable[str]:
    for section, values in table.items():
        if isinstance(values, dict):
            for name, value in values.items():
                yield f"{section}.{name} = {Path(value).name if isinstance(value, Path) else value}"
        else:
            yield f"{section} = {values}"
