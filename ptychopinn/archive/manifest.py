"""The table of contents of a model archive (API specification, section 4.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from ptychopinn.errors import ArchiveError

MANIFEST_NAME = "manifest.dill"
VERSION = "1.0"
MODELS: tuple[str, ...] = ("autoencoder", "diffraction_to_obj")

# Other programs write the same members as version 2, with the backend's name behind it.
_NEWEST_READ = 2
_VERSION_PATTERN = re.compile(r"(\d+)\.(\d+)")


def new_manifest(
    backend: str, created_by: str, config: Mapping[str, Any] | None = None, models: Iterable[str] = MODELS
) -> dict[str, Any]:
    """Return the manifest of a new archive; ``bundle.write_bundle`` adds sizes and checksums."""
    head = {"models": list(models), "version": VERSION, "backend": backend}
    return {**head, "created_by": created_by, "config": dict(config or {})}


def with_contents(manifest: Mapping[str, Any], members: Mapping[str, bytes]) -> dict[str, Any]:
    """Return a copy of a manifest that includes the size and SHA-256 checksum of every member."""
    sizes = {name: len(data) for name, data in members.items()}
    return {**manifest, "sizes": sizes, "checksums": {name: sha256(data).hexdigest() for name, data in members.items()}}


def check_manifest(manifest: Any, source: str) -> dict[str, Any]:
    """Check a manifest and return it with defaults for missing entries; the default backend is 'tensorflow'.

    Raises
    ------
    ArchiveError
        ``manifest`` is not a dictionary with the keys models and version; the message names the archive ``source``.
    """
    fault = "" if isinstance(manifest, dict) else f"contains a {type(manifest).__name__}"
    missing = [key for key in ("models", "version") if not fault and key not in manifest]
    if fault or missing:
        fault = fault or f"has no {' and no '.join(missing)}"
        expected = "a dictionary with the keys models and version"
        raise ArchiveError(f"{MANIFEST_NAME} in {source} {fault}", expected, "Save the model again.")
    return {"backend": "tensorflow", "sizes": {}, "checksums": {}, "config": {}, **manifest}


def check_backend(manifest: Mapping[str, Any], active: str, source: str = "The archive") -> None:
    """Reject an archive that was written by another backend.

    Raises
    ------
    ArchiveError
        Another backend wrote the archive; the message names both backends.
    """
    archived = manifest.get("backend") or "tensorflow"
    if archived != active:
        raise ArchiveError(
            f"{source} was saved by the {archived} backend, but the active backend is {active}",
            f"a model saved by the {active} backend",
            f"Set backend to {archived!r}, or train the model again with the {active} backend.",
        )


def check_version(manifest: Mapping[str, Any], source: str = "The archive") -> None:
    """Reject an archive whose format is newer than this program supports.

    Raises
    ------
    ArchiveError
        The version is newer, or is not of the form X.Y.
    """
    version = str(manifest["version"])
    match = _VERSION_PATTERN.match(version)
    if match is None:
        raise ArchiveError(f"{source} has version {version!r}", "a version X.Y", "Save the model again.")
    if int(match[1]) > _NEWEST_READ:
        raise ArchiveError(
            f"{source} uses archive format {version}",
            f"at most {_NEWEST_READ}.x, the newest format that this program can read",
            "Update PtychoPINN Studio, or save the model again with an older version.",
        )
