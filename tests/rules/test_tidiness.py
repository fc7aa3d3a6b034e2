"""Size, words and packaging of the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for top in ("ptychopinn", "app", "resources", "ptychodus_adapter")
    for path in (ROOT / top).rglob("*.py")
    if "build" not in path.parts
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_file_promises_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"\b(TODO|FIXME|XXX|HACK)\b|not yet implemented|raise NotImplementedError", text, re.IGNORECASE
    )


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_public_functions_and_classes_have_docstrings(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare
    assert ast.get_docstring(tree), "the module has no docstring"


def test_every_dependency_says_why() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    data = tomllib.loads("\n".join(lines))
    extras = data["project"]["optional-dependencies"].values()
    wanted = [*data["project"]["dependencies"], *(requirement for extra in extras for requirement in extra)]
    for requirement in wanted:
        index = next(i for i, line in enumerate(lines) if line.strip().rstrip(",") == f'"{requirement}"')
        assert lines[index - 1].strip().startswith("# "), f"{requirement} has no reason above it"


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


def test_the_wheel_carries_the_apps_icons(wheel: zipfile.ZipFile) -> None:
    assert any(n.startswith("ptychopinn_resources/") and n.endswith(".svg") for n in wheel.namelist())
