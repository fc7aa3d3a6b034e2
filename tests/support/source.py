"""The modules of the product and of the tests as text and syntax trees, for the rules that they obey."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Folders on the import path, each with its top packages.
SHELVES = (ROOT, ROOT / "app", ROOT / "resources", ROOT / "ptychodus_adapter" / "legacy_names")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One module: its full name and its text."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def imported(self) -> frozenset[str]:
        """Full names after every ``import``, and every ``a.b`` and ``a.b.c`` of ``from a.b import c``.

        Imports inside functions and those for type checkers count too.
        """
        names = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                assert node.level == 0, f"{self.name} has a relative import; write the full name"
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return frozenset(names)

    def imports_from(self, *packages: str) -> bool:
        """Whether it imports one of these packages or something in them."""
        return any(inside(name, *packages) for name in self.imported)

    def functions(self) -> Iterator[Function]:
        """Yield functions and methods, nested ones too."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def definitions(self) -> Iterator[tuple[str, Function | ast.ClassDef]]:
        """Yield functions and classes outside functions, each with its full name."""
        yield from _definitions(self.tree.body, self.name)


Table = Mapping[str, Module]


def inside(name: str, *packages: str) -> bool:
    """Whether a name is one of these packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def product() -> Table:
    """Return every module of the product by its name."""
    paths: dict[str, Path] = {}
    for shelf in SHELVES:
        for package in sorted(shelf.iterdir()):
            if (package / "__init__.py").exists() and package.name != "tests":
                for path in sorted(package.rglob("*.py")):
                    parts = path.relative_to(shelf).with_suffix("").parts
                    # A shelf in a package: its modules have names of their own.
                    if "legacy_names" not in parts:
                        paths[".".join(parts).removesuffix(".__init__")] = path
    return {name: Module(name, path.read_text(encoding="utf-8")) for name, path in paths.items()}


@cache
def suite() -> Table:
    """Return every Python file of the tests by its path."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    return {str(path.relative_to(ROOT)): Module(path.stem, path.read_text(encoding="utf-8")) for path in paths}


def fake(texts: Mapping[str, str]) -> Table:
    """Return a table of made-up modules, full name to text, to plant a violation in."""
    return {name: Module(name, text) for name, text in texts.items()}


def listed(offenders: list[str]) -> str:
    """Return the offenders one to a line, as the message of a rule that is broken."""
    return "\n".join(["", *offenders])


def edges(modules: Table) -> dict[str, set[str]]:
    """Return, for each module, the modules of the table that it imports."""
    return {
        name: {target for target in _targets(module, modules) if target != name} for name, module in modules.items()
    }


def _targets(module: Module, modules: Table) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                # What is not a module is an attribute of the one it comes from.
                full = f"{node.module}.{alias.name}"
                if full in modules or node.module in modules:
                    yield full if full in modules else node.module


def _definitions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            yield f"{prefix}.{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node.body, f"{prefix}.{node.name}")
        elif isinstance(node, ast.If | ast.Try):
            yield from _definitions(node.body, prefix)
