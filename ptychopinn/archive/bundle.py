"""Write and open a model archive, ``wts.h5.zip``, without ever running code from it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ptychopinn.archive.locate import Location, locate, not_a_zip
from ptychopinn.archive.manifest import MANIFEST_NAME, check_backend, check_manifest, check_version, with_contents
from ptychopinn.archive.member_safety import MAX_MEMBER_BYTES, check_members, name_fault
from ptychopinn.archive.safe_dill import dumps, loads
from ptychopinn.errors import ArchiveError
from ptychopinn.files.atomic import atomic_path
from ptychopinn.files.zip_damage import ZIP_DAMAGE

_SAVE_AGAIN = "Copy the archive again, or save the model again."


@dataclass(frozen=True)
class Bundle:
    """A checked model archive, whose members are read on request.

    ``manifest`` is its table of contents, with defaults for missing entries; ``names`` lists its members, sorted.
    """

    location: Location
    manifest: Mapping[str, Any]
    names: tuple[str, ...]

    def read(self, member: str) -> bytes:
        """Return the content of a member after checking it against the size and checksum in the manifest.

        Raises
        ------
        ArchiveError
            The member is missing or damaged.
        """
        data = _read(self.location, member)
        size, checksum = self.manifest["sizes"].get(member), self.manifest["checksums"].get(member)
        if (size is not None and len(data) != size) or (checksum and sha256(data).hexdigest() != checksum):
            text = f"{member} in {self.location.path} differs from what was saved (checksum mismatch)"
            raise ArchiveError(text, mend=_SAVE_AGAIN)
        return data

    def read_plain(self, member: str, *, verify: bool = True) -> Any:
        """Return the plain data of a ``.dill`` member; with ``verify=False``, size and checksum are ignored.

        Raises
        ------
        ArchiveError
            The member is missing or damaged, or contains something other than plain data.
        """
        data = self.read(member) if verify else _read(self.location, member)
        return loads(data, f"{member} in {self.location.path}")


def write_bundle(path: str | Path, members: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Write an archive atomically; the sizes and checksums of all members are added to the manifest.

    Raises
    ------
    ArchiveError
        A member name would be rejected on opening, or the manifest is not plain data.
    """
    for name in members:
        fault = "is reserved for the manifest" if name == MANIFEST_NAME else name_fault(name)
        if fault:
            raise ArchiveError(f"The member {name!r} {fault}", "a relative name with '/' as separator", "Rename it.")
    head = dumps(with_contents(manifest, members))
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST_NAME, head)
        for name, data in members.items():
            archive.writestr(name, data)


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Return the manifest of an archive, whatever its version and backend.

    Raises
    ------
    MissingArchiveError, ArchiveError
        No archive was found, or the file is not a model archive, is damaged, or is unsafe to open.
    """
    return _manifest_of(locate(path))


def open_bundle(path: str | Path, backend: str | None = None) -> Bundle:
    """Find, check and open a model archive.

    ``path`` is the zip file, its folder, an unpacked folder, or a zip file that contains the archive. Every member of a
    zip file is read once, so that damage is found before any member is used. If ``backend`` is given, an archive
    from another backend is rejected before its version and members are checked.

    Raises
    ------
    MissingArchiveError
        No archive was found; the message names the path.
    ArchiveError
        The file is not a model archive, or it is damaged, incomplete, unsafe, too new, or from another backend.
    """
    location = locate(path)
    manifest = _manifest_of(location)
    if backend is not None:
        check_backend(manifest, backend, str(location.path))
    check_version(manifest, str(location.path))
    names = _names(location)
    missing = sorted(set(manifest["sizes"]) - set(names))
    if missing:
        raise ArchiveError(f"{location.path} lacks the member {missing[0]}", mend=_SAVE_AGAIN)
    if location.kind != "folder":
        with _zip(location) as archive:
            damaged = archive.testzip()
        if damaged:
            raise ArchiveError(f"The member {damaged} of {location.path} is damaged", mend=_SAVE_AGAIN)
    return Bundle(location, manifest, tuple(sorted(names)))


def _manifest_of(location: Location) -> dict[str, Any]:
    names = _names(location)
    if MANIFEST_NAME not in names:
        if location.kind == "file" and _starts_with_manifest(location.path):
            # A checkpoint is a zip file too: zipfile finds its directory in an archive that is cut short.
            raise not_a_zip(location.path)
        listed = ", ".join(sorted(names)[:5]) or "nothing"
        raise ArchiveError(
            f"{location.path} is a zip file but not a model archive; it contains {listed}",
            f"the member {MANIFEST_NAME}",
            "Choose the wts.h5.zip file of a training run.",
        )
    source = f"{MANIFEST_NAME} in {location.path}"
    return check_manifest(loads(_read(location, MANIFEST_NAME), source), str(location.path))


def _starts_with_manifest(file: Path) -> bool:
    with file.open("rb") as stream:
        return MANIFEST_NAME.encode() in stream.read(64)


def _names(location: Location) -> list[str]:
    if location.kind == "folder":
        files = (item for item in location.path.rglob("*") if item.is_file() and not item.is_symlink())
        return [item.relative_to(location.path).as_posix() for item in files]
    with _zip(location) as archive:
        return [info.filename for info in archive.infolist() if not info.is_dir()]


def _read(location: Location, member: str) -> bytes:
    if member not in _names(location):
        raise ArchiveError(f"{location.path} has no member {member}", mend=_SAVE_AGAIN)
    if location.kind == "folder":
        return (location.path / member).read_bytes()
    with _zip(location) as archive:
        return _read_member(archive, member, location.path)


@contextmanager
def _zip(location: Location) -> Iterator[zipfile.ZipFile]:
    """Open the archive's zip file if all its members are safe; any damage is reported as damage to the whole file."""
    try:
        with zipfile.ZipFile(location.path) as archive:
            check_members(archive, str(location.path))
            if location.kind != "nested":
                yield archive
                return
            inner = _read_member(archive, location.member, location.path)
        with zipfile.ZipFile(io.BytesIO(inner)) as archive:
            check_members(archive, str(location.path))
            yield archive
    except ArchiveError:
        raise
    except ZIP_DAMAGE as error:
        raise not_a_zip(location.path) from error


def _read_member(archive: zipfile.ZipFile, member: str, path: Path) -> bytes:
    try:
        with archive.open(member) as stream:
            return stream.read(MAX_MEMBER_BYTES)
    except ZIP_DAMAGE as error:
        raise ArchiveError(f"{member} in {path} is damaged ({error})", mend=_SAVE_AGAIN) from error
