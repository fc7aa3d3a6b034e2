"""Saved models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backend_suite.base import BackendTests, N, scan
from ptychopinn.archive.bundle import open_bundle
from ptychopinn.backends import registry
from ptychopinn.config.legacy_bridge import LEGACY_DEFAULTS
from ptychopinn.data import npz
from ptychopinn.errors import ArchiveError


class ArchiveTests(BackendTests):
    """Saved models."""

    @pytest.mark.parametrize("architecture", ["unrolled", "cnn"])
    def test_a_saved_model_predicts_the_same_bit_for_bit(self, folder: Path, architecture: str) -> None:
        path = folder / "wts.h5.zip"
        self.trained(folder, architecture).save(path)
        after = self.reconstruct(registry.load(self.name).load(path), scan()).object_
        assert np.array_equal(self.plain(folder, architecture), after)

    def test_nothing_of_the_global_dictionary_reaches_the_archive(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ptychopinn.historic import params

        monkeypatch.setitem(params.cfg, "label", "left behind by another job")
        monkeypatch.setitem(params.cfg, "nimgs_train", 777)
        self.trained(folder, "unrolled").save(folder / "wts.h5.zip")
        bundle = open_bundle(folder)
        for model in bundle.manifest["models"]:
            stored = bundle.read_plain(f"{model}/params.dill")
            assert (stored["label"], stored["nimgs_train"], stored["N"]) == ("", 9, N)
            assert set(LEGACY_DEFAULTS) <= set(stored)

    def test_a_fresh_process_predicts_the_same_bit_for_bit(self, folder: Path) -> None:
        data = scan()
        npz.write(folder / "scan.npz", data)
        self.trained(folder, "unrolled").save(folder / "wts.h5.zip")
        np.save(folder / "before.npy", self.plain(folder, "unrolled"))
        code = f"""
import sys; sys.path[:0] = {[str(Path(__file__).parents[3]), str(Path(__file__).parents[1])]!r}
from pathlib import Path
import numpy as np
from backend_suite.base import EXACT, INFERENCE
from ptychopinn.backends import registry
from ptychopinn.data import npz
from ptychopinn.events import ignore, never
folder = Path({str(folder)!r})
model = registry.load({self.name!r}).load(folder)
found = model.reconstruct(npz.read(folder / "scan.npz"), INFERENCE, EXACT, ignore, never)
print(np.array_equal(found.object_, np.load(folder / "before.npy")))
"""
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert out.strip().splitlines()[-1] == "True"

    def test_an_archive_of_another_backend_is_refused_naming_both(self, folder: Path) -> None:
        from ptychopinn.archive.bundle import write_bundle
        from ptychopinn.archive.manifest import new_manifest

        other = next(name for name in registry.NAMES if name != self.name)
        path = folder / "wts.h5.zip"
        write_bundle(path, {"diffraction_to_obj/x": b"1"}, new_manifest(other, "test"))
        with pytest.raises(ArchiveError, match=f"(?s){other}.*{self.name}"):
            registry.load(self.name).load(path)
