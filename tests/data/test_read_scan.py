"""A scan is read for a job once, and its findings name the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ptychopinn.data import scan_file
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.read_scan import read_scan
from ptychopinn.errors import DataError
from ptychopinn.events import Event, Notice
from ptychopinn.physics.simulate import simulate_scan


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A packed scan that is gone once it was read."""
    path, read = tmp_path / "packed.npz", scan_file.read

    def read_once(source: Path, **more: Any) -> RawData:
        found = read(source, **more)
        path.unlink()
        return found

    monkeypatch.setattr(scan_file, "read", read_once)
    return path


def test_the_checks_inspect_the_scan_that_was_read(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    arrays = simulate_scan(16, 15, 1e5, 0)
    np.savez_compressed(file, **arrays)
    events: list[Event] = []
    raw, warnings = read_scan(file, events.append)
    assert raw.n_patterns == 15
    assert any(text.startswith("xcoords, ycoords in packed.npz") for text in warnings)
    assert set(warnings) <= {event.text for event in events if isinstance(event, Notice)}
    # Before a run has its log, a record would be printed beside the notice.
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_a_fault_names_the_file(file: Path) -> None:
    arrays = simulate_scan(16, 30, 1e5, 0)
    arrays["diff3d"][3, 2, 1] = np.nan
    np.savez_compressed(file, **arrays)
    with pytest.raises(DataError, match=r"diff3d in packed\.npz.*NaN"):
        read_scan(file, lambda event: None)
