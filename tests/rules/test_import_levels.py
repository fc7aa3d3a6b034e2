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
    "ptychopinn.workflow.events": 0,
    "ptychopinn.config": 1,
    "ptychopinn.physics": 2,
    "ptychopinn.data": 3,
    "ptychopinn.stitching": 3,
    "ptychopinn.quality": 3,
    "ptychopinn.archive": 3,
    "ptychopinn.product": 3,
    "ptychopinn.backends": 4,
    "ptychopinn.backends.torch": 5,
    "ptychopinn.workflow": 6,
    "ptychopinn.cli": 7,
    "ptychopinn.legacy": 7,
    "ptychopinn_resources": 8,
    "ptycho": 8,
    "ptycho_torch": 8,
    "ptychopinn_app": 9,
}
FRAMEWORKS = {"torch", "lightning", "tensorflow", "keras"}
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


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_module_imports_nothing_above_its_level(name: str, path: Path) -> None:
    own = level(name)
    if own is None or name == "ptychopinn":
        pytest.skip("not a levelled module")
    above = {target for target in imports(path) if (found := level(target)) is not None and found > own}
    assert not above, f"{name} (level {own}) imports {sorted(above)}"


def test_frameworks_are_imported_by_their_backend_only() -> None:
    guilty = {
        name
        for name, path in modules()
        if not name.startswith("ptychopinn.backends.torch") and {i.split(".")[0] for i in imports(path)} & FRAMEWORKS
    }
    assert not guilty


def test_qt_is_imported_by_the_app_only() -> None:
    guilty = {
        name
        for name, path in modules()
        if not name.startswith("ptychopinn_app") and {i.split(".")[0] for i in imports(path)} & QT
    }
    assert not guilty


@pytest.mark.parametrize("statement", ["import ptychopinn", "import ptycho.config.config", "import ptycho.params"])
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
        if any(i.startswith("ptychopinn.config.legacy_params") for i in imports(path))
        and not name.startswith(("ptychopinn.config.legacy", "ptychopinn.legacy"))
    }
    assert not {name for name in guilty if name.startswith("ptychopinn")}
