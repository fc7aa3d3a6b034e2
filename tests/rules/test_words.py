"""What the text of the source must and must not hold: docstrings, promises, broad handlers."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from source import ROOT, Table, fake, inside, listed, product

# Where an error of any kind becomes a message or an event: the ends of commands, jobs and threads, archives, trackers.
BORDERS = (
    "ptychopinn.archive.safe_dill",
    "ptychopinn.backends.tensorflow.saving",
    "ptychopinn.backends.torch.loggers",
    "ptychopinn.backends.torch.saving",
    "ptychopinn.cli.main",
    "ptychopinn.historic.torch.model_manager",
    "ptychopinn.workflow.run_folder",
    "ptychopinn.workflow.watch",
    "ptychodus_adapter.background",
    "ptychopinn_app.jobs.child",
    "ptychopinn_app.jobs.short_tasks",
    "ptychopinn_app.jobs.worker",
)
# Promises, and citations of what a reader does not have.
BANNED = {
    "a promise": r"\b(TODO|FIXME|XXX|HACK)\b|not yet implemented|raise NotImplementedError",
    "a row of a list that is not here": r"\bcontract c\d|\brows? \d+ of\b|\btest_row_\d|\bits checklist\b",
    "a section of a document without its name": r"§|(?<!API )\bSpecification,? section|\bInterfaces? section",
    "a path of one machine": r"(?<![\w.~])/(home|root|work|Users)/(?!me\b)\w",
}
FOLDERS = ("ptychopinn", "app", "resources", "ptychodus_adapter", "tests", "*.md", "*.toml")


def undocumented(modules: Table) -> list[str]:
    """Name the modules, and the public classes, functions and methods, without a docstring."""
    found = []
    for name, module in modules.items():
        if not ast.get_docstring(module.tree):
            found.append(name)
        for full, node in module.definitions():
            public = not any(part.startswith("_") for part in full.removeprefix(name).split("."))
            if public and not ast.get_docstring(node):
                found.append(full)
    return found


def banned_words(files: dict[str, str]) -> list[str]:
    """Name the lines that hold a banned expression, and why it is banned."""
    return [
        f"{path}:{number}: {why}: {line.strip()}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for why, pattern in BANNED.items()
        if re.search(pattern, line, re.IGNORECASE)
    ]


def broad_handlers(modules: Table) -> list[str]:
    """Name the lines outside the borders that catch every error."""
    return [
        f"{name}:{node.lineno}"
        for name, module in modules.items()
        if not inside(name, *BORDERS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]


def tracked_files() -> dict[str, str]:
    """Return the texts of the repository, less this file, which holds the expressions themselves."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *FOLDERS]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    names = done.stdout.split() or [str(path.relative_to(ROOT)) for path in ROOT.glob("[!.]*/**/*.py")]
    own = "tests/rules/test_words.py"
    paths = {name: ROOT / name for name in names if name != own and name.endswith((".py", ".md", ".toml"))}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.is_file()}


def test_public_names_have_docstrings() -> None:
    assert not (found := undocumented(product())), listed(found)


def test_a_public_name_without_a_docstring_is_noticed() -> None:
    text = '"""A module."""\nclass A:\n    """A class."""\n    def f(self): ...\n    def _g(self): ...\ndef h(): ...\n'
    assert undocumented(fake({"a": text, "b": ""})) == ["a.A.f", "a.h", "b"]


def test_the_text_holds_no_banned_words() -> None:
    assert not (found := banned_words(tracked_files())), listed(found)


@pytest.mark.parametrize(
    "line", ["# TODO: later", "raise NotImplementedError", "# Contract c069", '"""Specification §4.1."""', "/work/x"]
)
def test_a_banned_word_is_noticed(line: str) -> None:
    assert len(banned_words({"a.py": f"x = 1\n{line}\n"})) >= 1
    assert banned_words({"a.py": "Grid rows 3 and 4 (API specification, section 4.1); https://host/home/page"}) == []


def test_every_error_is_caught_at_borders_only() -> None:
    assert not (found := broad_handlers(product())), listed(found)


def test_a_broad_handler_elsewhere_is_noticed() -> None:
    text = "try:\n    x = 1\nexcept ValueError:\n    pass\nexcept Exception:\n    pass\n"
    assert broad_handlers(fake({"a": text, "ptychopinn.cli.main": text})) == ["a:5"]


def test_the_borders_are_modules() -> None:
    assert not (found := [name for name in BORDERS if name not in product()]), listed(found)
