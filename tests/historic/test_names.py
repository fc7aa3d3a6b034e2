"""Neither hiding another distribution's ``ptycho`` nor being hidden by one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ptycho
import ptycho_torch
from ptychopinn.historic.names import other_owner, refuse_to_shadow, require_own

ROOT = Path(__file__).parents[2]


def _install(folder: Path, name: str, package: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{package}/__init__.py,,\n{package}/deep/ptycho/__init__.py,,\n")


def test_alone_nothing_is_refused() -> None:
    assert other_owner() is None
    refuse_to_shadow()
    require_own(ptycho)
    require_own(ptycho_torch)


@pytest.mark.parametrize("package", ["ptycho", "ptycho_torch"])
def test_another_distribution_of_the_same_package_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    _install(tmp_path, "ptycho-of-others", package)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RuntimeError, match=r"ptycho-of-others.*pip uninstall"):
        refuse_to_shadow()


def test_a_relative_with_other_packages_is_no_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, "ptychodus-like", "ptychodus")
    monkeypatch.syspath_prepend(str(tmp_path))
    refuse_to_shadow()


def test_importing_our_package_beside_another_says_so_in_one_sentence(tmp_path: Path) -> None:
    _install(tmp_path, "ptycho-of-others", "ptycho")
    shelves = [str(ROOT), str(ROOT / "ptychodus_adapter" / "legacy_names"), str(tmp_path)]
    code = f"import sys; sys.path[:0] = {shelves!r}\nimport ptycho.params"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ptycho-of-others" in done.stderr.strip().splitlines()[-1]


def test_being_hidden_is_refused_with_the_place() -> None:
    other = ModuleType("ptycho")
    other.__file__ = "somewhere/ptycho/__init__.py"
    with pytest.raises(RuntimeError, match="somewhere"):
        require_own(other)
