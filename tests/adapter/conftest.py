"""Environments with a stock ptychodus beside this distribution, and a scan for them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ptychopinn.physics.simulate import simulate_scan

ROOT = Path(__file__).parents[2]
# Where measured scans lie, if there are any.
SCANS = Path(os.environ.get("PTYCHOPINN_SCANS", ROOT.parent / "shared" / "data"))
MEASURED = SCANS / "siemens_star_64.npz"
WITH_WINDOW = "1.7.0"
Install = Callable[[str], Path]


def _run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


def _purelib(python: Path) -> str:
    return _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")


@pytest.fixture(scope="session")
def install_host(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Install a release of ptychodus, and this distribution's wheel, by pip; get that environment's Python.

    What other packages they need is installed once, with the newest release; the frameworks are found in the
    environment of the tests. Both are large.
    """
    folder = tmp_path_factory.mktemp("hosts")
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("ptychopinn-*.whl")

    @cache
    def install(release: str) -> Path:
        venv.create(folder / release, with_pip=True)
        python = folder / release / "bin" / "python"
        pip = (python, "-m", "pip", "install", "--quiet")
        shared = [sysconfig.get_path("purelib")]
        if release == WITH_WINDOW:
            _run(*pip, "-c", ROOT / "constraints.txt", f"ptychodus[gui]=={release}")
        else:
            _run(*pip, "--no-deps", f"ptychodus=={release}")
            shared.insert(0, _purelib(install(WITH_WINDOW)))
        _run(*pip, "--no-deps", wheel)
        Path(_purelib(python), "shared.pth").write_text("".join(f"{path}\n" for path in shared))
        return python

    return install


@pytest.fixture(scope="session")
def host_1_7_0(install_host: Install) -> Path:
    """Python of an environment with ptychodus 1.7.0 and its window."""
    return install_host(WITH_WINDOW)


@pytest.fixture(scope="session")
def least_correlation() -> float:
    """How well a few seconds of training show the object of ``scan``: simulated ones have more detail to learn."""
    return 0.3 if MEASURED.is_file() else 0.15


@pytest.fixture(scope="session")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan of 200 positions whose ``objectGuess`` is the truth: measured where there is one, else simulated."""
    file = tmp_path_factory.mktemp("scan") / "scan.npz"
    if not MEASURED.is_file():
        np.savez(file, **simulate_scan(64, 200, 1e5, 0, step_px=4.0))
        return file
    with np.load(MEASURED) as content, np.load(MEASURED.with_stem("siemens_star_64_reference")) as reference:
        arrays = {key: content[key] for key in content.files} | {"objectGuess": reference["objectGuess"]}
    x, y = arrays["xcoords"], arrays["ycoords"]
    nearest = np.sort(np.hypot(x - x.mean(), y - y.mean()).argsort()[:200])
    np.savez(file, **{key: value[nearest] if len(value) == len(x) else value for key, value in arrays.items()})
    return file
