"""Settings that contradict the scan, and models that cannot reconstruct it."""

from __future__ import annotations

from pathlib import Path

from app_builders import job_settings, opened_scan
from ptychopinn_app.checks.compatibility import fit_problems, judge_problem, model_problem
from ptychopinn_app.records import Model


def test_a_pattern_size_that_differs_from_the_scan_is_a_problem() -> None:
    settings = job_settings(model_N=64)
    assert fit_problems("model", settings, opened_scan()) == {}
    assert "128" in fit_problems("model", settings, opened_scan(pattern_shape=(128, 128)))["N"]


def test_too_few_neighbours_for_the_grid_size_are_a_problem() -> None:
    settings = job_settings(model_gridsize=3, training_neighbor_count=8)
    assert "9" in fit_problems("training", settings, None)["neighbor_count"]


def test_more_groups_than_positions_need_oversampling() -> None:
    settings = job_settings(model_gridsize=2, training_n_groups=101)
    assert "100" in fit_problems("training", settings, opened_scan())["n_groups"]
    settings.set("training", "enable_oversampling", True)
    assert fit_problems("training", settings, opened_scan()) == {}


def test_a_model_with_groups_larger_than_the_scan_cannot_reconstruct_it() -> None:
    scan = opened_scan(n_patterns=10)
    assert model_problem(Model(Path("m.h5.zip"), "pytorch", 64, 3), scan) == ""
    assert "16" in model_problem(Model(Path("m.h5.zip"), "pytorch", 64, 4), scan)
    assert model_problem(Model(Path("old.h5.zip"), "pytorch"), scan) == "", "an archive without its settings"


def test_a_model_of_another_pattern_size_cannot_reconstruct_the_scan() -> None:
    problem = model_problem(Model(Path("m.h5.zip"), "pytorch", 128, 1), opened_scan("a.npz"))
    assert "128 pixels" in problem and "a.npz are 64 pixels" in problem


def test_a_test_scan_of_another_pattern_size_cannot_validate() -> None:
    other = opened_scan("b.npz", pattern_shape=(128, 128))
    assert "b.npz are 128 pixels" in judge_problem(opened_scan(), other)
    assert judge_problem(opened_scan(), opened_scan("b.npz")) == judge_problem(opened_scan(), None) == ""
