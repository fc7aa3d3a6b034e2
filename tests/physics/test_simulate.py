"""The simulator makes scans that the reference explains, and different ones for different seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from builders import raw_scan
from ptychopinn.data.checks import inspect
from ptychopinn.errors import ConfigError
from ptychopinn.physics.exit_wave import model_intensities
from ptychopinn.physics.simulate import simulate_scan


@pytest.mark.parametrize("pattern", ["raster", "fermat"])
def test_the_truth_explains_a_scan_without_noise(pattern: str) -> None:
    scan = simulate_scan(24, 31, 1e5, 7, pattern, poisson=False)
    positions = np.stack([scan["ycoords"], scan["xcoords"]], 1)
    model = np.stack(list(model_intensities(scan["objectGuess"], scan["probeGuess"], positions)))
    assert np.allclose(np.sqrt(model), scan["diff3d"], atol=1e-4 * scan["diff3d"].max())


def test_a_seed_gives_one_scan_and_another_seed_another() -> None:
    first, again, other = (simulate_scan(16, 20, 1e4, seed) for seed in (3, 3, 4))
    for key in first:
        assert np.array_equal(first[key], again[key])
    assert not np.array_equal(first["objectGuess"].shape, other["objectGuess"].shape) or not np.allclose(
        first["objectGuess"], other["objectGuess"]
    )


def test_the_dose_matches_the_request() -> None:
    scan = simulate_scan(16, 60, 2e5, 1)
    counts = np.square(scan["diff3d"].astype(float)).sum(axis=(1, 2))
    assert counts.mean() == pytest.approx(2e5, rel=0.01)
    assert np.allclose(np.square(scan["diff3d"].astype(float)), np.rint(np.square(scan["diff3d"])), atol=1e-2)


@pytest.mark.parametrize("pattern", ["raster", "fermat"])
def test_neighbours_are_one_step_apart(pattern: str) -> None:
    scan = simulate_scan(32, 200, 1e4, 0, pattern, step_px=4.0)
    points = np.stack([scan["ycoords"], scan["xcoords"]], 1)
    nearest = np.median(cKDTree(points).query(points, 2)[0][:, 1])
    assert 2.0 < nearest < 5.0


def test_object_and_probe_have_no_symmetry_that_hides_a_mirror_image() -> None:
    scan = simulate_scan(32, 100, 1e5, 5)
    for field in (scan["objectGuess"], scan["probeGuess"]):
        for mirrored in (field[::-1], field[:, ::-1]):
            assert np.abs(np.vdot(field, mirrored)) < 0.995 * np.vdot(field, field).real


def test_the_checks_find_no_fault() -> None:
    summary = inspect(raw_scan(32, 120, 1e6, 2))
    assert [finding for finding in summary.findings if finding.severity != "info"] == []


@pytest.mark.parametrize(
    "bad", [{"n": 4}, {"positions": 0}, {"photons": 0.0}, {"photons": float("nan")}, {"photons": 1e30}, {"seed": -1}]
)
def test_nothing_to_simulate_is_refused_by_name(bad: dict) -> None:
    with pytest.raises(ConfigError, match=next(iter(bad))):
        simulate_scan(**bad)
