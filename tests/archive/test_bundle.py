from __future__ import annotations

import contextlib
import io
import os
import pickle
import stat
import zipfile
from pathlib import Path
from typing import Any

import dill
import numpy as np
import pytest

from ptychopinn.archive import member_safety
from ptychopinn.archive.bundle import open_bundle, read_manifest, write_bundle
from ptychopinn.archive.locate import MissingArchiveError, locate
from ptychopinn.archive.manifest import check_backend, new_manifest
from ptychopinn.archive.safe_dill import dumps, loads
from ptychopinn.errors import ArchiveError, MissingFileError

MEMBERS = {
    "autoencoder/params.dill": dumps({"N": 64, "intensity_scale": np.float64(2.5)}),
    "autoencoder/model.ckpt": bytes(range(256)) * 40,
    "diffraction_to_obj/model.ckpt": b"weights",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "run" / "wts.h5.zip"
    write_bundle(path, MEMBERS, new_manifest("pytorch", "PtychoPINN Studio 1", {"N": 64}))
    return path


def rewrite(path: Path, **changes: Any) -> None:
    """Write the archive again with another manifest (given keys replaced) but the same members."""
    manifest = {**read_manifest(path), **changes}
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.dill", dumps(manifest))
        for name, data in MEMBERS.items():
            file.writestr(name, data)


def test_members_come_back_as_written(archive: Path) -> None:
    bundle = open_bundle(archive)
    assert {name: bundle.read(name) for name in MEMBERS} == MEMBERS
    assert bundle.names == tuple(sorted([*MEMBERS, "manifest.dill"]))
    assert bundle.read_plain("autoencoder/params.dill") == {"N": 64, "intensity_scale": 2.5}


def test_the_manifest_says_what_is_inside(archive: Path) -> None:
    manifest = read_manifest(archive)
    assert manifest["models"] == ["autoencoder", "diffraction_to_obj"]
    assert manifest["version"] == "1.0" and manifest["backend"] == "pytorch"
    assert manifest["created_by"] == "PtychoPINN Studio 1" and manifest["config"] == {"N": 64}
    assert manifest["sizes"] == {name: len(data) for name, data in MEMBERS.items()}
    assert set(manifest["checksums"]) == set(MEMBERS)


def test_dill_opens_the_members_without_our_package(archive: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        assert dill.loads(file.read("manifest.dill"))["backend"] == "pytorch"
        assert dill.loads(file.read("autoencoder/params.dill"))["N"] == 64


def test_a_manifest_without_backend_is_from_tensorflow(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("manifest.dill", pickle.dumps({"models": ["autoencoder"], "version": "1.0"}))
    assert open_bundle(archive).manifest["backend"] == "tensorflow"


# four forms -------------------------------------------------------------------------------------


def test_all_four_forms_are_found(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path / "unpacked")
    with zipfile.ZipFile(tmp_path / "any name.zip", "w") as file:
        file.write(archive, "bundle/wts.h5.zip")
        file.writestr("bundle/other.txt", "x")
    archive.rename(tmp_path / "run" / "wts.h5.zip")
    renamed = tmp_path / "my model.zip"
    renamed.write_bytes((tmp_path / "run" / "wts.h5.zip").read_bytes())
    places = [
        tmp_path / "run",
        tmp_path / "run" / "wts.h5.zip",
        renamed,
        tmp_path / "unpacked",
        tmp_path / "any name.zip",
    ]
    for place in places:
        bundle = open_bundle(place)
        assert {name: bundle.read(name) for name in MEMBERS} == MEMBERS, place
    assert [locate(place).kind for place in places] == ["file", "file", "file", "folder", "nested"]


def test_a_missing_archive_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(MissingArchiveError) as caught:
        open_bundle(tmp_path)
    assert str(tmp_path) in str(caught.value) and "wts.h5.zip" in str(caught.value)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        open_bundle(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="Model archive not found"):
        open_bundle(tmp_path / "nowhere")
    assert issubclass(MissingArchiveError, MissingFileError)


# each kind of bad archive has its own sentence --------------------------------------------------


def test_another_backend_is_named_with_ours() -> None:
    with pytest.raises(ArchiveError, match=r"tensorflow backend.*active backend is pytorch"):
        check_backend({"models": [], "version": "1.0"}, "pytorch")
    check_backend({"backend": "pytorch"}, "pytorch")


def test_another_backend_is_seen_in_an_archive_of_the_manifest_only(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "wts.h5.zip", "w") as file:
        file.writestr("manifest.dill", dumps({"models": ["autoencoder"], "version": "1.0", "backend": "pytorch"}))
    with pytest.raises(ArchiveError, match=r"pytorch.*tensorflow"):
        check_backend(read_manifest(tmp_path), "tensorflow")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_truncated(archive: Path, share: float) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ArchiveError, match="truncated"):
        open_bundle(archive)


@pytest.mark.parametrize(("content", "says"), [(b"", "is empty"), (b"hello", "not a zip file")])
def test_not_an_archive_at_all(archive: Path, content: bytes, says: str) -> None:
    archive.write_bytes(content)
    with pytest.raises(ArchiveError, match=says):
        open_bundle(archive)


def test_foreign_zip(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("holiday.jpg", b"x")
    with pytest.raises(ArchiveError, match=r"not a model archive; it contains holiday\.jpg"):
        open_bundle(archive)


@pytest.mark.parametrize("version", ["3.0", "10.3", "3.0-pytorch"])
def test_newer_version(archive: Path, version: str) -> None:
    rewrite(archive, version=version)
    with pytest.raises(ArchiveError, match=f"archive format {version}.*Update"):
        open_bundle(archive)
    assert read_manifest(archive)["version"] == version


@pytest.mark.parametrize("version", ["1.0", "1.7", "1.0-pytorch", "2.0", "2.0-pytorch"])
def test_versions_of_other_programs_are_read(archive: Path, version: str) -> None:
    rewrite(archive, version=version)
    assert open_bundle(archive, "pytorch").manifest["version"] == version


def test_another_backend_is_named_before_a_newer_version(archive: Path) -> None:
    rewrite(archive, version="9.0", backend="tensorflow")
    with pytest.raises(ArchiveError, match="saved by the tensorflow backend, but the active backend is pytorch"):
        open_bundle(archive, "pytorch")


@pytest.mark.parametrize("manifest", [["x"], {"models": []}, {"version": "1.0"}])
def test_a_manifest_that_is_none(archive: Path, manifest: Any) -> None:
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("manifest.dill", pickle.dumps(manifest))
    with pytest.raises(ArchiveError, match=r"manifest\.dill in"):
        open_bundle(archive)


def test_a_changed_member_is_noticed(archive: Path) -> None:
    sums = {**read_manifest(archive)["checksums"], "autoencoder/model.ckpt": "0" * 64}
    rewrite(archive, checksums=sums)
    with pytest.raises(ArchiveError, match=r"autoencoder/model\.ckpt .* differs from what was saved"):
        open_bundle(archive).read("autoencoder/model.ckpt")


def test_a_flipped_byte_is_noticed(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[content.index(MEMBERS["autoencoder/model.ckpt"]) + 9] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"autoencoder/model\.ckpt .* is damaged"):
        open_bundle(archive)


def test_a_lost_member_is_named(archive: Path) -> None:
    rewrite(archive, sizes={**read_manifest(archive)["sizes"], "autoencoder/lost.bin": 3})
    with pytest.raises(ArchiveError, match=r"lacks the member autoencoder/lost\.bin"):
        open_bundle(archive)
    with pytest.raises(ArchiveError, match="no member nothing"):
        rewrite(archive, sizes={})
        open_bundle(archive).read("nothing")


def test_damage_anywhere_is_an_archive_error_or_harmless(archive: Path) -> None:
    content = archive.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(content)
        # Most of the danger lies in the table of contents at the end.
        damaged[-int(rng.integers(1, 500))] = rng.integers(256)
        damaged[rng.integers(len(content))] = rng.integers(256)
        archive.write_bytes(damaged)
        with contextlib.suppress(ArchiveError):
            bundle = open_bundle(archive)
            for name in bundle.names:
                bundle.read(name)


# safety -----------------------------------------------------------------------------------------


def test_a_bomb_in_the_manifest_is_refused_and_not_executed(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(tmp_path / "ran"),))

    with zipfile.ZipFile(tmp_path / "wts.h5.zip", "w") as file:
        file.writestr("manifest.dill", pickle.dumps({"models": [], "version": "1.0", "x": Bomb()}))
    with pytest.raises(ArchiveError, match="nothing was executed"):
        open_bundle(tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "C:/x", "c:x", "a\\b", "..\\x"])
def test_names_that_lead_outside_are_refused(archive: Path, name: str) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(name, b"x")
    with pytest.raises(ArchiveError, match=r"not safe to open.*Nothing was unpacked"):
        open_bundle(archive)
    with pytest.raises(ArchiveError):
        write_bundle(archive, {name: b"x"}, new_manifest("pytorch", "me"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(archive: Path, kind: int) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(info, b"/etc/passwd")
    with pytest.raises(ArchiveError, match="not safe to open"):
        open_bundle(archive)


def test_a_link_in_an_unpacked_folder_is_not_followed(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path / "unpacked")
    (tmp_path / "secret").write_text("x")
    (tmp_path / "unpacked" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ArchiveError, match="no member link"):
        open_bundle(tmp_path / "unpacked").read("link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_doubled_member_is_refused(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("manifest.dill", b"x")
    with pytest.raises(ArchiveError, match="twice"):
        open_bundle(archive)


def test_a_zip_bomb_is_refused_by_its_declared_size(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(80 << 20))
    with pytest.raises(ArchiveError, match=r"would expand .* to 83,886,080 bytes"):
        open_bundle(archive)


def test_caps_on_size_and_number(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(member_safety, "MAX_MEMBER_BYTES", 1000)
        with pytest.raises(ArchiveError, match="declares"):
            open_bundle(archive)
    with monkeypatch.context() as patch:
        patch.setattr(member_safety, "MAX_TOTAL_BYTES", 1000)
        with pytest.raises(ArchiveError, match="would unpack to"):
            open_bundle(archive)
    monkeypatch.setattr(member_safety, "MAX_MEMBERS", 2)
    with pytest.raises(ArchiveError, match="4 members, more than the limit of 2"):
        open_bundle(archive)


def test_the_inner_archive_of_a_zip_is_checked_too(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("../x", b"x")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as file:
        file.write(archive, "wts.h5.zip")
    with pytest.raises(ArchiveError, match="not safe to open"):
        open_bundle(tmp_path / "outer.zip")


# saving -----------------------------------------------------------------------------------------


def test_a_failed_save_leaves_the_old_archive(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(TypeError):
        write_bundle(archive, {**MEMBERS, "bad": 3}, new_manifest("pytorch", "me"))  # type: ignore[dict-item]
    with pytest.raises(ArchiveError, match=r"is a builtins\.function"):
        write_bundle(archive, MEMBERS, new_manifest("pytorch", "me", {"f": lambda: None}))
    assert archive.read_bytes() == before
    assert os.listdir(archive.parent) == ["wts.h5.zip"]


def test_reading_needs_no_foreign_classes() -> None:
    assert loads(dumps(new_manifest("pytorch", "me")))["models"] == ["autoencoder", "diffraction_to_obj"]


def test_an_archive_cut_behind_an_inner_zip_is_called_damaged(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("archive/data.pkl", b"x" * 500)
    path = tmp_path / "wts.h5.zip"
    members = {"autoencoder/model.ckpt": inner.getvalue(), "diffraction_to_obj/model.ckpt": b"y" * 5000}
    write_bundle(path, members, new_manifest("pytorch", "test"))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(inner.getvalue()) + len(inner.getvalue())])
    with pytest.raises(ArchiveError, match="damaged or truncated"):
        open_bundle(path)
