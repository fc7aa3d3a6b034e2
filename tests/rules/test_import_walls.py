"""Frameworks, Qt and the global dictionary stay behind their walls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from source import SHELVES, Table, fake, inside, listed, product

FRAMEWORKS = {"torch": ("torch", "lightning"), "tensorflow": ("tensorflow", "keras")}
QT = ("PyQt6", "PyQt5", "PySide6", "pyqtgraph")
# What the app works out needs no window, so that it can be tested and run without one.
QT_FREE = (
    "ptychopinn_app.binder.values",
    "ptychopinn_app.checks",
    "ptychopinn_app.job_settings",
    "ptychopinn_app.records",
    "ptychopinn_app.runs",
)
LIGHT = ("ptychopinn", "ptychopinn.results", "ptychopinn.data.scan_summary", "ptycho.config.config", "ptycho.params")
HEAVY = ("torch", "lightning", "tensorflow", "PyQt6", "pyqtgraph", "h5py", "scipy", "matplotlib", "PIL", "psutil")


def homes(framework: str) -> tuple[str, str]:
    """Return the packages that may import a framework."""
    return f"ptychopinn.backends.{framework}", f"ptychopinn.historic.{framework}"


def framework_outside_its_backend(modules: Table) -> list[str]:
    return [
        f"{name} imports {framework}"
        for framework, packages in FRAMEWORKS.items()
        for name, module in modules.items()
        if module.imports_from(*packages) and not inside(name, *homes(framework))
    ]


def backend_that_imports_the_other(modules: Table) -> list[str]:
    return [
        f"{name} imports the {other} backend"
        for own, other in (("torch", "tensorflow"), ("tensorflow", "torch"))
        for name, module in modules.items()
        if inside(name, *homes(own)) and module.imports_from(*homes(other))
    ]


def torch_backend_that_imports_historic(modules: Table) -> list[str]:
    return [
        name
        for name, module in modules.items()
        if inside(name, "ptychopinn.backends.torch") and module.imports_from("ptychopinn.historic")
    ]


def qt_outside_the_app(modules: Table) -> list[str]:
    return [name for name, module in modules.items() if not inside(name, "ptychopinn_app") and module.imports_from(*QT)]


def global_dictionary_outside_historic(modules: Table) -> list[str]:
    """Name the modules that import the dictionary; ``ptycho.params`` is its old name."""
    return [
        name
        for name, module in modules.items()
        if not inside(name, "ptychopinn.historic", "ptycho.params")
        and module.imports_from("ptychopinn.historic.params", "ptycho.params")
    ]


def session_outside_the_window(modules: Table) -> list[str]:
    """Name the modules that import the whole session; every other part takes only what it uses of it."""
    return [
        name
        for name, module in modules.items()
        if not inside(name, "ptychopinn_app.main_window") and module.imports_from("ptychopinn_app.session.session")
    ]


def not_importable_without_qt(names: list[str], *folders: Path) -> list[str]:
    """Import modules one after another in a process without Qt; return those that fail, with their errors."""
    code = f"""
import importlib, sys
sys.path[:0] = {[str(folder) for folder in (*folders, *SHELVES)]!r}
sys.modules.update(dict.fromkeys({QT!r}))
for name in {names!r}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"{{name}}: {{error}}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def heavy_modules_of(name: str) -> str:
    code = f"import sys; sys.path[:0] = {[str(shelf) for shelf in SHELVES]!r}\nimport {name}\n"
    code += f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_framework_is_imported_by_its_backend_only() -> None:
    assert not (found := framework_outside_its_backend(product())), listed(found)


def test_a_framework_elsewhere_is_noticed() -> None:
    table = {
        "ptychopinn.workflow.a": "def late():\n    import torch.nn",
        "ptychopinn.backends.b": "from keras import layers",
        "ptychopinn.backends.torch.c": "import lightning",
        "ptychopinn.historic.tensorflow.d": "import tensorflow",
    }
    expected = ["ptychopinn.workflow.a imports torch", "ptychopinn.backends.b imports tensorflow"]
    assert framework_outside_its_backend(fake(table)) == expected


def test_one_backend_never_imports_the_other() -> None:
    assert not (found := backend_that_imports_the_other(product())), listed(found)


def test_a_backend_that_imports_the_other_is_noticed() -> None:
    table = {
        "ptychopinn.backends.torch.a": "from ptychopinn.backends.tensorflow import cnn",
        "ptychopinn.historic.tensorflow.b": "import ptychopinn.historic.torch.settings",
    }
    assert [line.split()[0] for line in backend_that_imports_the_other(fake(table))] == list(table)


def test_the_torch_backend_imports_nothing_historic() -> None:
    assert not (found := torch_backend_that_imports_historic(product())), listed(found)


def test_a_torch_backend_that_imports_historic_modules_is_noticed() -> None:
    table = {"ptychopinn.backends.torch.a": "from ptychopinn.historic.torch import settings"}
    assert torch_backend_that_imports_historic(fake(table)) == list(table)


def test_qt_is_imported_by_the_app_only() -> None:
    assert not (found := qt_outside_the_app(product())), listed(found)


def test_qt_outside_the_app_is_noticed() -> None:
    table = {"ptychopinn.cli.a": "from PyQt6.QtCore import QObject", "ptychopinn_app.b": "import pyqtgraph"}
    assert qt_outside_the_app(fake(table)) == ["ptychopinn.cli.a"]


def test_only_historic_modules_import_the_global_dictionary() -> None:
    assert not (found := global_dictionary_outside_historic(product())), listed(found)


def test_another_module_that_imports_the_global_dictionary_is_noticed() -> None:
    table = {
        "ptychopinn.backends.a": "from ptychopinn.historic.params import cfg",
        "ptychopinn.data.b": "from ptychopinn.historic import params",
        "ptychodus_adapter.c": "import ptycho.params",
        "ptychopinn.historic.d": "from ptychopinn.historic.params import cfg",
    }
    assert global_dictionary_outside_historic(fake(table)) == list(table)[:3]


def test_only_the_window_imports_the_whole_session() -> None:
    assert not (found := session_outside_the_window(product())), listed(found)


def test_another_module_that_imports_the_whole_session_is_noticed() -> None:
    table = {
        "ptychopinn_app.presenters.a": "from ptychopinn_app.session.session import Session",
        "ptychopinn_app.panels.b": "if TYPE_CHECKING:\n    from ptychopinn_app.session import session",
        "ptychopinn_app.main_window": "from ptychopinn_app.session.session import Session",
        "ptychopinn_app.presenters.c": "from ptychopinn_app.session.state import SessionState",
    }
    assert session_outside_the_window(fake(table)) == list(table)[:2]


def test_what_the_app_works_out_needs_no_qt() -> None:
    names = sorted(name for name in product() if inside(name, *QT_FREE))
    assert {name.rpartition(".")[0] for name in names} >= set(QT_FREE[1:3])
    assert not (found := not_importable_without_qt(names)), listed(found)


def test_a_module_that_needs_qt_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("import ptychopinn_app.binder.numbers")
    (line,) = not_importable_without_qt(["planted"], tmp_path)
    assert line.startswith("planted: ") and "PyQt6" in line


def test_the_tests_of_the_checks_pass_without_qt() -> None:
    options = ["-q", "-p", "no:pytest-qt", "-p", "no:cacheprovider", str(Path(__file__).parents[1] / "checks")]
    code = f"import sys; sys.modules.update(dict.fromkeys({QT!r}))\nimport pytest; sys.exit(pytest.main({options!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("name", LIGHT)
def test_importing_loads_nothing_heavy(name: str) -> None:
    assert heavy_modules_of(name) == ""


def test_a_heavy_import_is_noticed() -> None:
    assert "scipy" in heavy_modules_of("ptychopinn.quality.align").split()
