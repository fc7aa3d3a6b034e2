"""The memory that a training needs is estimated before it starts, and compared with what is free."""

from __future__ import annotations

from typing import Any

import pytest

from app_builders import job_settings, opened_scan
from builders import raw_scan
from ptychopinn.data.container import GroupedScan, canvas_side
from ptychopinn_app.binder.values import GB
from ptychopinn_app.checks.memory import estimated_side, memory_checks, memory_line, training_bytes
from ptychopinn_app.checks.training_rules import TrainingCase
from ptychopinn_app.records import Scan

LARGE = {"model_gridsize": 2, "training_batch_size": 512, "training_n_groups": 4096, "execution_precision": "32-true"}


def estimate(scan: Scan | None = None, backend: str = "pytorch", **changes: Any) -> int:
    config = job_settings(**{**LARGE, **changes})
    config.backend = backend
    found = training_bytes(config, scan or opened_scan(n_patterns=5000))
    assert found is not None
    return found


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("architecture", ["unrolled", "cnn"])
def test_the_estimate_grows_with_scan_network_and_batch(backend: str, architecture: str) -> None:
    base = estimate(backend=backend, model_architecture=architecture)
    wide = opened_scan(n_patterns=5000, pattern_shape=(128, 128))
    for changes in ({"training_batch_size": 1024}, {"model_n_filters_scale": 3}, {"model_N": 128}):
        assert estimate(backend=backend, model_architecture=architecture, **changes) > base
    assert estimate(wide, backend=backend, model_architecture=architecture, model_N=128) > base
    assert estimate(opened_scan(n_patterns=5000, probe_modes=3), backend, model_architecture=architecture) > base
    doubled = estimate(backend=backend, model_architecture=architecture, training_batch_size=1024)
    assert 1.5 < doubled / base < 2.0, "nearly all of it is the batch"


def test_larger_groups_need_more() -> None:
    assert estimate(model_gridsize=3) > estimate(model_gridsize=2) > estimate(model_gridsize=1)


def test_a_batch_cannot_hold_more_groups_than_an_epoch_has() -> None:
    config = job_settings(model_gridsize=1, training_batch_size=64)
    few = training_bytes(config, opened_scan(n_patterns=64))
    config.set("training", "batch_size", 4096)
    assert training_bytes(config, opened_scan(n_patterns=64)) == few


def test_bfloat16_needs_less() -> None:
    assert estimate(execution_precision="bf16-mixed") < estimate(execution_precision="32-true")


@pytest.mark.parametrize("changes", [{"model_N": "x"}, {"training_batch_size": 0}, {"model_N": 37}])
def test_invalid_networks_have_no_estimate(changes: dict[str, Any]) -> None:
    assert training_bytes(job_settings(model_architecture="cnn", **changes), opened_scan()) is None
    assert training_bytes(job_settings(), None) is None


@pytest.mark.parametrize(("n", "count", "neighbours"), [(32, 60, 9), (64, 150, 24), (64, 400, 6)])
def test_the_canvas_is_estimated_within_16_pixels(n: int, count: int, neighbours: int) -> None:
    raw = raw_scan(n, count, 1e5, 0)
    low, high = raw.positions_px.min(axis=0), raw.positions_px.max(axis=0)
    scan = opened_scan(
        n_patterns=count,
        pattern_shape=(n, n),
        y_range_px=(float(low[0]), float(high[0])),
        x_range_px=(float(low[1]), float(high[1])),
    )
    case = TrainingCase(job_settings(model_gridsize=2, training_neighbor_count=neighbours), scan, count)
    true = canvas_side(n, GroupedScan.build(raw, 4, neighbours).reach_px)
    assert abs(estimated_side(case, n) - true) <= 16


def test_the_line_has_numbers_and_units() -> None:
    assert memory_line(int(2.13 * GB), 24 * GB, False) == "Needs about 2.1 GB of 24 GB free"
    assert memory_line(GB // 2, 80 * GB, True) == "Needs about 0.50 GB of 80 GB on GPU"
    assert memory_line(GB, None, False) == "Needs about 1.0 GB"
    assert memory_line(None, GB, False) == ""


def test_a_smaller_batch_fixes_a_training_that_exceeds_the_free_memory() -> None:
    config, scan = job_settings(**LARGE), opened_scan(n_patterns=5000)
    fitting = training_bytes(config, scan, batch_size=128)
    assert fitting is not None
    assert list(memory_checks(config, scan, None, 100 * GB, False)) == []
    assert list(memory_checks(config, scan, None, None, False)) == [], "unknown memory is no reason to warn"
    (check,) = memory_checks(config, scan, None, fitting + 1, False)
    assert check.severity == "warning" and check.finding.fix == "Set batch size to 128"
    assert check.fix is not None
    config.set("training", "batch_size", check.fix.edits[0].value)
    assert list(memory_checks(config, scan, None, fitting + 1, False)) == []
    (check,) = memory_checks(config, scan, None, GB // 100, False)
    assert check.fix is None and "grid size" in check.finding.sentence
