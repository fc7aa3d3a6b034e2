"""The checks of the settings against the data: every finding, and the fix that removes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app_builders import job_settings, opened_scan
from ptychopinn_app.checks.compatibility import fit_problems
from ptychopinn_app.checks.finding import Check
from ptychopinn_app.checks.settings_check import settings_checks
from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan


def found(config: JobSettings, scan: Scan | None, **more: Any) -> dict[str, Check]:
    checks = settings_checks(config, scan, **more)
    assert len({each.code for each in checks}) == len(checks)
    return {each.code: each for each in checks}


def fixed(config: JobSettings, check: Check) -> JobSettings:
    assert check.fix is not None and check.finding.fix == check.fix.words
    for edit in check.fix.edits:
        config.set(edit.section, edit.field, edit.value)
    return config


def test_the_defaults_fit_an_ordinary_scan() -> None:
    assert found(job_settings(), opened_scan()) == {}
    assert found(job_settings(), None) == {}


CASES: tuple[tuple[dict[str, Any], dict[str, Any], str, str, str], ...] = (
    ({"model_N": 32}, {}, "model.N", "error", "Set N to 64"),
    ({"model_gridsize": 5, "training_neighbor_count": 24}, {}, "training.neighbor_count", "error",
     "Set neighbours to 37"),
    ({}, {"n_patterns": 10}, "model.gridsize", "error", "Set grid size to 3"),
    ({"training_n_subsample": 12}, {}, "model.gridsize", "error", "Set grid size to 3"),
    ({"training_n_groups": 101}, {}, "training.n_groups", "error", "Set groups per epoch to 100"),
    ({"training_n_groups": 101, "training_enable_oversampling": True, "training_neighbor_pool_size": 9}, {},
     "training.neighbor_pool_size", "error", "Set oversampling pool to the number of neighbours"),
    ({"training_batch_size": 12}, {}, "training.batch_size", "error", "Set batch size to 8"),
    ({"training_nepochs": 0}, {}, "training.nepochs", "error", "Set epochs to 60"),
    ({"model_architecture": "cnn", "model_N": 37}, {"pattern_shape": (37, 37)}, "model.N", "error",
     "Set architecture to unrolled"),
    ({"model_model_type": "supervised"}, {"object_shape": None}, "model.model_type", "error", "Set learning to pinn"),
    ({"training_neighbor_count": 80}, {"y_range_px": (0.0, 110.0), "x_range_px": (0.0, 110.0)}, "group_spread",
     "warning", "Set neighbours to 36"),
    ({}, {"y_range_px": (0.0, 400.0), "x_range_px": (0.0, 400.0)}, "group_overlap", "warning", "Set grid size to 1"),
    ({"model_object_big": False}, {}, "not_shared", "warning", "Share object in group"),
    ({"model_gridsize": 1, "training_n_groups": 200}, {}, "groups_single", "info", "Set groups per epoch to 100"),
    ({"training_n_groups": 5}, {}, "groups_few", "info", "Use the whole scan"),
    ({"inference_n_groups": 3}, {}, "partial_result", "warning", "Reconstruct the whole scan"),
    ({"training_batch_size": 16}, {}, "batch_large", "warning", "Set batch size to 2"),
    ({"training_nepochs": 3}, {}, "steps_few", "info", "Set epochs to 10"),
    ({"training_max_minutes": 0.05}, {}, "time_short", "warning", "Set epochs to 3"),
    ({"training_nphotons": 1e4}, {}, "photons", "warning", "Set photons to 1e6"),
    ({"training_torch_loss_mode": "mae"}, {"mean_counts": 400.0}, "few_counts", "warning",
     "Set PyTorch loss to poisson"),
    ({"iterations_modes": 1}, {"probe_modes": 3}, "modes", "warning", "Use all modes of the probe"),
    ({"model_probe_mask": True}, {"probe_diameter_px": 40.0}, "probe_cut", "warning", "Do not mask the probe"),
    ({"model_architecture": "cnn", "model_probe_big": False}, {"probe_diameter_px": 40.0}, "probe_outside", "warning",
     "Reconstruct outer region"),
    ({"training_realspace_mae_weight": 1.0, "training_realspace_weight": 0.1}, {"object_shape": None}, "no_truth",
     "warning", "Set truth loss weight to 0"),
)  # fmt: skip


@pytest.mark.parametrize(("changes", "facts", "code", "severity", "words"), CASES, ids=[case[2] for case in CASES])
def test_each_finding_appears_once_and_its_fix_removes_it(
    changes: dict[str, Any], facts: dict[str, Any], code: str, severity: str, words: str
) -> None:
    config, scan = job_settings(**changes), opened_scan(**facts)
    check = found(config, scan)[code]
    assert (check.severity, check.finding.fix) == (severity, words)
    assert check.finding.sentence.endswith(".") and "\n" not in check.finding.sentence
    assert code not in found(fixed(config, check), scan)


@pytest.mark.parametrize("changes", [case[0] for case in CASES], ids=[case[2] for case in CASES])
def test_errors_are_those_that_the_forms_show(changes: dict[str, Any]) -> None:
    config, scan = job_settings(**changes), opened_scan()
    shown = {
        f"{section}.{field}"
        for section in BY_NAME
        for field in fit_problems(section, config, scan) | config.problems(section)
    }
    assert {code for code, check in found(config, scan).items() if check.severity == "error"} == shown


def test_a_time_limit_is_compared_with_the_measured_seconds_per_epoch() -> None:
    config = job_settings(training_max_minutes=1.0, training_nepochs=60)
    assert "time_short" not in found(config, opened_scan(), seconds_per_epoch=1.1)
    check = found(config, opened_scan(), seconds_per_epoch=4.0)["time_short"]
    assert "15 of 60" in check.finding.sentence and check.finding.fix == "Set time limit to 4 min"
    assert "time_short" not in found(fixed(config, check), opened_scan(), seconds_per_epoch=4.0)


def test_a_test_scan_of_another_size_is_an_error_and_can_be_closed() -> None:
    check = found(job_settings(), opened_scan(), test=opened_scan("b.npz", pattern_shape=(128, 128)))["test_size"]
    assert check.severity == "error" and "128" in check.finding.sentence and "64" in check.finding.sentence
    assert check.fix is not None and check.fix.closes_test


def test_a_test_scan_that_cannot_reveal_overfitting_or_has_other_units_is_reported() -> None:
    assert set(found(job_settings(), opened_scan(), test=opened_scan())) == {"test_same"}
    assert set(found(job_settings(), opened_scan(), test=opened_scan("b.npz", mean_counts=1e3))) == {"test_counts"}
    assert found(job_settings(), opened_scan(), test=opened_scan("b.npz")) == {}


def test_a_probe_from_another_file_is_not_checked_against_the_scan(tmp_path: Path) -> None:
    scan = opened_scan(probe_diameter_px=40.0)
    config = job_settings(model_probe_mask=True)
    assert "probe_cut" in found(config, scan)
    config.set("training", "probe_file", tmp_path / "probe.npz")
    assert "probe_cut" not in found(config, scan)
