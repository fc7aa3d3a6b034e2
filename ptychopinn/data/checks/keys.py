"""Checks of the keys of a file against the schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ptychopinn.data.finding import Finding
from ptychopinn.data.npz_schema import KNOWN_KEYS, MEANINGS, REQUIRED_KEYS, look_alike, schema_name


def missing_keys(present: Sequence[str]) -> tuple[str, ...]:
    """Return the required schema keys that a file with the keys `present` lacks."""
    names = {schema_name(key, frozenset(present)) for key in present}
    return tuple(key for key in REQUIRED_KEYS if key not in names)


def key_findings(present: Sequence[str], source: str) -> Iterator[Finding]:
    """Yield findings about missing and unknown keys; `present` holds the keys as spelt in the file."""
    alike = {key: look_alike(key, list(present)) for key in missing_keys(present)}
    for key, other in alike.items():
        fix = f"Add {key} to the file, which has the keys {', '.join(present) or 'none'}."
        if other is not None:
            fix = f"Rename {other} to {key}, if that is what it contains."
        code = "probe_missing" if key == "probeGuess" else "missing_key"
        yield Finding("error", code, f"{source} has no {key}; expected {MEANINGS[key]}.", fix)
    expected = {*KNOWN_KEYS, *(other for other in alike.values() if other)}
    extra = [key for key in present if schema_name(key, frozenset(present)) not in expected]
    if extra:
        yield Finding("info", "extra_key", f"{source}: additional keys are ignored: {', '.join(extra)}.")
