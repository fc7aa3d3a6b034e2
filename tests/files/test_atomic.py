from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ptychopinn.files.atomic import atomic_path


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "out.npz"
    with atomic_path(target) as temporary:
        assert temporary.suffix == ".npz" and temporary.parent == target.parent
        temporary.write_bytes(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert os.listdir(target.parent) == ["out.npz"]


def test_an_error_leaves_only_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "out.npz"
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.npz"]


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_the_file_has_the_usual_permissions(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "out") as temporary:
        temporary.write_bytes(b"x")
    (tmp_path / "plain").write_bytes(b"x")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_error_of_a_full_disk_names_the_file(tmp_path: Path) -> None:
    target = tmp_path / "out.npz"
    with pytest.raises(OSError, match=r"left.*out\.npz") as found, atomic_path(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert found.value.filename == str(target)
    with pytest.raises(OSError, match="denied") as found, atomic_path(target):
        raise OSError(errno.EACCES, "denied")
    assert found.value.filename is None
