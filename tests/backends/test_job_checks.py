"""What is said of a training's object looks at what was seen of it."""

from __future__ import annotations

import numpy as np

from ptychopinn.backends.job_checks import judge_object
from ptychopinn.backends.preview import Previewer
from ptychopinn.data.batches import BatchArrays
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.raw_data import RawData
from ptychopinn.events import Event, Notice, ignore

N = 16


def _previewer(phase_rad: float) -> Previewer:
    """Previews of a scan of which a preview sees a small part: an object of random phase."""
    axis = N * np.arange(40.0) + N
    y, x = (each.reshape(-1) for each in np.meshgrid(axis, axis, indexing="ij"))
    probe = np.ones((N, N), np.complex64)
    data = RawData(x, y, None, None, np.ones((len(x), N, N), np.float32), probe, None, diff3d_units="amplitude")
    rng = np.random.default_rng(0)

    def predict(batch: BatchArrays, shape: tuple[int, int], middle_trim: int) -> tuple[np.ndarray, np.ndarray]:
        size = (len(batch.amplitude), *shape)
        return np.exp(1j * phase_rad * rng.standard_normal(size)).astype(np.complex64), np.ones(size, np.float32)

    return Previewer(predict, GroupedScan.build(data, 1, 1), 1)


def test_a_faint_object_with_few_seen_pixels_is_not_reported_as_flat() -> None:
    previewer = _previewer(0.02)
    previewer(1)
    assert 0 < previewer.seen.size < previewer.object_.size / 8
    assert judge_object(previewer.seen, ignore) == ()


def test_a_flat_object_with_few_seen_pixels_is_reported_as_flat() -> None:
    previewer, said = _previewer(0.001), list[Event]()
    assert judge_object(previewer.seen, said.append) == () and not said
    previewer(1)
    assert "flat" in judge_object(previewer.seen, said.append)[0]
    assert isinstance(said[0], Notice)
