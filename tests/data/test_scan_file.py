"""A scan file of any kind, by one name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from ptychopinn.physics.simulate import simulate_scan


def test_reading_an_npz_scan_does_not_load_h5py(tmp_path: Path) -> None:
    """It takes as long to import as a small scan takes to check."""
    file = tmp_path / "scan.npz"
    np.savez(file, **simulate_scan(16, 20, 1e5, 1, step_px=2.0))
    code = f"import sys; from ptychopinn.data import scan_file; scan_file.read({str(file)!r}); "
    code += "print('h5py' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
