"""Checks of the keys of a file against the schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ptychopinn.data.finding import Finding
from ptychopinn.data.npz_schema import KNOWN_KEYS, MEANINGS, REQUIRED_KEYS, look_alike, schema_name


def missing_keys(present: Sequence[str]) -> tuple[str, ...]:
    """Required schema keys that a file with the keys `present` lacks."""
    names = {schema_name(key, frozenset(present)) for key in present}
    return tuple(key for key in REQUIRED_KEYS if key not in names)


def key_findings(present: Sequence[str], source: str) -> Iterator[Finding]:
    """Findings about missing and unknown keys; `present` as spelt in the file."""
    alike = {key: look_alike(key, list(present)) for key in missing_keys(present)}
    for key, other in alike.items():
        if other is None:
            listed = ", ".join(present) or "none"
            mend = f"Add {key} to the file; it has the keys {listed}."
        else:
            mend = f"Rename {other} to {key}, if that is what it holds."
        yield Finding(
            "error",
            "probe_missing" if key == "probeGuess" else "missing_key",
            f"{source} has no {key}; expected {MEANINGS[key]}.",
            mend,
        )
    known = {*KNOWN_KEYS, *(other for other in alike.values() if other)}
    extra = [key for key in present if schema_name(key, frozenset(present)) not in known]
    if extra:
        plural = len(extra) > 1
        yield Finding(
            "info",
            "extra_key",
            f"{source} has the additional key{'s' if plural else ''} {', '.join(extra)}, which "
            f"{'are' if plural else 'is'} not used.",
        )
