"""Modules that moved are still found under their old names."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from ptychopinn.renamed import RENAMED, OldNames, new_name

ROOT = Path(__file__).parents[1]
# The line of a package holds for the modules in it.
OLD_NAMES = sorted({*RENAMED, "legacy.raw_data", "backends.torch.api.trainer"})


@pytest.mark.parametrize("old", OLD_NAMES)
def test_an_old_name_is_the_new_module_and_warns(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"ptychopinn.{old}"
    new = new_name(name)
    assert new is not None
    real = importlib.import_module(new)
    specification = real.__spec__
    for alias in [alias for alias in sys.modules if new_name(alias)]:
        monkeypatch.delitem(sys.modules, alias)
    with pytest.warns(DeprecationWarning) as caught:
        assert importlib.import_module(name) is real
    assert any(name in str(warning.message) and new in str(warning.message) for warning in caught)
    assert real.__name__ == new and real.__spec__ is specification


def test_no_file_has_an_old_name() -> None:
    places = {old: ROOT / "ptychopinn" / old.replace(".", "/") for old in RENAMED}
    assert not [old for old, place in places.items() if place.is_dir() or place.with_suffix(".py").exists()]


def test_other_names_are_left_to_python() -> None:
    names = ("json", "ptychopinn", "ptychopinn.config", "ptychopinn.backends.torch.saving", "legacy", "ptycho.params")
    assert not [name for name in names if OldNames.find_spec(name)]
    with pytest.raises(ModuleNotFoundError, match=r"ptychopinn\.config\.absent"):
        importlib.import_module("ptychopinn.config.absent")


def test_the_warning_names_the_line_of_the_import(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom ptychopinn.config import legacy_params\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert f"{script}:3: DeprecationWarning: ptychopinn.config.legacy_params is now" in done.stderr
