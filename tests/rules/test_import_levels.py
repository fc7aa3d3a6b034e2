"""Lower levels never import higher ones; frameworks and Qt stay behind their walls."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELVES = [ROOT, ROOT / "app", ROOT / "resources", ROOT / "ptychodus_adapter" / "legacy_names"]

# Longest prefix wins. The events are words only and import nothing.
LEVELS = {
    "ptychopinn": 0,
    "ptychopinn.errors": 0,
    "ptychopinn.log_errors": 0,
    "ptychopinn.events": 0,
    "ptychopinn.results": 0,
    "ptychopinn.files": 0,
    "ptychopinn.config": 1,
    "ptychopinn.physics": 2,
    "ptychopinn.data": 3,
    "ptychopinn.stitching": 3,
    "ptychopinn.quality": 3,
    "ptychopinn.archive": 3,
    "ptychopinn.product": 3,
    "ptychopinn.backends": 4,
    "ptychopinn.backends.torch": 5,
    "ptychopinn.backends.tensorflow": 5,
    "ptychopinn.workflow": 6,
    "ptychopinn.cli": 7,
    "ptychopinn.historic": 8,
    "ptychopinn_resources": 8,
    "ptychodus_adapter": 8,
    "ptycho": 8,
    "ptycho_torch": 8,
    "ptychopinn_app": 9,
}
QT = {"PyQt6", "PyQt5", "pyqtgraph"}


def modules() -> list[tuple[str, Path]]:
    """Name and path of every module of the product."""
    found = []
    for shelf in SHELVES:
        for top in sorted(shelf.iterdir()):
            if (top / "__init__.py").exists() and top.name != "tests":
                for path in sorted(top.rglob("*.py")):
                    name = ".".join(path.relative_to(shelf).with_suffix("").parts)
                    found.append((name.removesuffix(".__init__"), path))
    return found


def imports(path: Path, top_level_only: bool = False) -> Iterator[str]:
    """Absolute names that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(name: str) -> int | None:
    """Level of a module by its longest known prefix."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        known = LEVELS.get(".".join(parts[:end]))
        if known is not None and (end > 1 or len(parts) == 1 or parts[0] != "ptychopinn"):
            return known
    return None


def test_every_module_has_a_level() -> None:
    # Without this, a new package would pass the next test unseen.
    assert not {name for name, _ in modules() if level(name) is None}


# The top package serves its public names from all levels, lazily.
@pytest.mark.parametrize(("name", "path"), [pair for pair in modules() if pair[0] != "ptychopinn"], ids=str)
def test_a_module_imports_nothing_above_its_level(name: str, path: Path) -> None:
    own = level(name)
    assert own is not None
    above = {target for target in imports(path) if (found := level(target)) is not None and found > own}
    assert not above, f"{name} (level {own}) imports {sorted(above)}"


@pytest.mark.parametrize(
    ("package", "frameworks"), [("torch", {"torch", "lightning"}), ("tensorflow", {"tensorflow", "keras"})]
)
def test_a_framework_is_imported_by_its_backend_only(package: str, frameworks: set[str]) -> None:
    own = (f"ptychopinn.backends.{package}",)
    guilty = {
        name
        for name, path in modules()
        if not name.startswith(own) and {i.split(".")[0] for i in imports(path)} & frameworks
    }
    assert not guilty


def test_one_backend_never_imports_the_other() -> None:
    packages = ("ptychopinn.backends.torch", "ptychopinn.backends.tensorflow")
    for own, other in (packages, packages[::-1]):
        for name, path in modules():
            assert not (name.startswith(own) and any(i.startswith(other) for i in imports(path))), name


def test_qt_is_imported_by_the_app_only() -> None:
    guilty = {
        name
        for name, path in modules()
        if not name.startswith("ptychopinn_app") and {i.split(".")[0] for i in imports(path)} & QT
    }
    assert not guilty


LIGHT = ("ptychopinn", "ptychopinn.results", "ptychopinn.data.scan_summary", "ptycho.config.config", "ptycho.params")


@pytest.mark.parametrize("statement", [f"import {name}" for name in LIGHT])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    code = f"import sys; sys.path[:0] = {[str(s) for s in SHELVES]!r}\n{statement}\n"
    code += (
        "print([m for m in ('torch','lightning','tensorflow','PyQt6','pyqtgraph','h5py','scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_only_the_legacy_modules_read_the_global_dictionary() -> None:
    guilty = {
        name
        for name, path in modules()
        if any(i.startswith("ptychopinn.historic.params") for i in imports(path))
        and not name.startswith(("ptychopinn.config.legacy", "ptychopinn.historic"))
    }
    assert not {name for name in guilty if name.startswith("ptychopinn")}
