"""Differences between the open model, the data and the settings."""

from __future__ import annotations

from pathlib import Path

from app_builders import job_settings, opened_scan
from ptychopinn_app.checks.model_check import differences, model_checks, model_notes
from ptychopinn_app.records import Model


def test_the_fix_keeps_the_pattern_size_of_the_data() -> None:
    config, scan = job_settings(), opened_scan()
    model = Model(Path("m.h5.zip"), "pytorch", 128, 2, {"N": 128, "gridsize": 2, "unknown": 1})
    assert differences(config, model) == {"N": 128, "gridsize": 2}
    assert set(model_notes(config, model)) == {"N", "gridsize"}
    by_code = {each.code: each for each in model_checks(config, model, scan, scan)}
    fix = by_code["model_settings"].fix
    assert fix is not None and [edit.field for edit in fix.edits] == ["gridsize"]
    assert by_code["model_data"].severity == "warning" and by_code["model_data"].fix is None
    assert list(model_checks(config, None, scan, scan)) == []


def test_a_different_network_starts_a_new_one() -> None:
    scan = opened_scan()
    for field, effect in (
        ("gridsize", "Training creates a new network."),
        ("probe_mask", "Training uses the current settings."),
    ):
        model = Model(Path("m.h5.zip"), "pytorch", 64, 4, {field: 3})
        (check,) = model_checks(job_settings(), model, scan, scan)
        assert check.finding.sentence.endswith(effect)
