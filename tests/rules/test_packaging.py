"""Dependencies, and what the wheel installs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def without_a_reason(text: str) -> list[str]:
    """Name the requirements in a pyproject.toml without a comment above them."""
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    project = tomllib.loads(text)["project"]
    extras = project.get("optional-dependencies", {}).values()
    requirements = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    return [each for each in requirements if not lines[lines.index(f'"{each}"') - 1].startswith("# ")]


def test_every_dependency_says_why() -> None:
    assert without_a_reason((ROOT / "pyproject.toml").read_text(encoding="utf-8")) == []


def test_a_dependency_without_a_reason_is_noticed() -> None:
    text = '[project]\ndependencies = [\n    # Arrays.\n    "numpy>=1.26",\n    "left-pad>=1",\n]\n'
    assert without_a_reason(text) == ["left-pad>=1"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    source = tmp_path_factory.mktemp("source")
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split("\n")
    files = [Path(n) for n in names if n] or [p.relative_to(ROOT) for p in ROOT.rglob("*") if ".venv" not in p.parts]
    for name in files:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(out), "."]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_the_wheel_installs_our_packages_and_no_shelf(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    tops = {name for name in tops if not name.endswith(".dist-info")}
    names = {"ptychopinn", "ptychodus_adapter", "ptychopinn_app", "ptychopinn_resources", "ptycho", "ptycho_torch"}
    assert tops == names
    assert not any("legacy_names" in name for name in wheel.namelist())


def test_the_wheel_is_called_ptychopinn_and_requires_torch(wheel: zipfile.ZipFile) -> None:
    name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    metadata = wheel.read(name).decode()
    assert "Name: ptychopinn\n" in metadata
    assert "Requires-Dist: torch>=2.2" in metadata


def test_the_wheel_contains_the_icons_and_the_glossary(wheel: zipfile.ZipFile) -> None:
    assert any(n.startswith("ptychopinn_resources/") and n.endswith(".svg") for n in wheel.namelist())
    assert "ptychopinn_resources/help/glossary.md" in wheel.namelist()
