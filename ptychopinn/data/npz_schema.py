"""Names, types and meanings of the arrays in a scan NPZ file (API specification, section 4.5)."""

from __future__ import annotations

REQUIRED_KEYS: tuple[str, ...] = ("xcoords", "ycoords", "diff3d", "probeGuess")

STARTS: tuple[str, ...] = ("xcoords_start", "ycoords_start")
OPTIONAL_KEYS: tuple[str, ...] = (*STARTS, "scan_index", "objectGuess", "Y", "norm_Y_I", "diff3d_units")
KNOWN_KEYS: tuple[str, ...] = REQUIRED_KEYS + OPTIONAL_KEYS

ALIASES: dict[str, str] = {"diffraction": "diff3d"}
"""Other spelling -> schema key. The schema spelling takes precedence if a file has both."""

LIKELY_MISSPELLINGS: dict[str, tuple[str, ...]] = {
    "xcoords": ("x", "xcoord", "x_coords", "positions_x", "pos_x"),
    "ycoords": ("y", "ycoord", "y_coords", "positions_y", "pos_y"),
    "diff3d": ("data", "patterns", "dp", "diffamp", "intensity", "intensities", "frames"),
    "probeGuess": ("probe", "probe_guess", "illumination", "p"),
}
"""Names used by other programs. Error messages point them out, but arrays under these names are not read."""

MEANINGS: dict[str, str] = {
    "xcoords": "the x position of each pattern in object pixels, shape (patterns,)",
    "ycoords": "the y position of each pattern in object pixels, shape (patterns,)",
    "diff3d": "the diffraction patterns, shape (patterns, N, N)",
    "probeGuess": "the complex probe, shape (N, N) or (modes, N, N)",
    "objectGuess": "the complex object, shape (height, width)",
    "xcoords_start": "the x position at the start of each exposure, shape (patterns,)",
    "ycoords_start": "the y position at the start of each exposure, shape (patterns,)",
    "scan_index": "the number of the scan that each pattern belongs to, shape (patterns,)",
    "diff3d_units": "'amplitude' or 'intensity'",
}


def schema_name(key: str, present: frozenset[str] | set[str]) -> str:
    """Return the schema key for a file's `key`; `present` holds all keys of the file."""
    target = ALIASES.get(key)
    return key if target is None or target in present else target


def look_alike(missing: str, present: list[str]) -> str | None:
    """Return the file's key that is probably a misspelling of the `missing` schema key, or None."""
    spellings = {missing.lower(), *LIKELY_MISSPELLINGS.get(missing, ())}
    for key in present:
        if key not in KNOWN_KEYS and key.lower() in spellings:
            return key
    return None
