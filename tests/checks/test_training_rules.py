"""The rules count groups as the backends do."""

from __future__ import annotations

import pytest

from app_builders import job_settings, opened_scan
from builders import raw_scan
from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn_app.checks.training_rules import TrainingCase, position_pitch_px


@pytest.mark.parametrize("count", [7, 40])
@pytest.mark.parametrize("gridsize", [1, 2])
@pytest.mark.parametrize(
    "training",
    [{}, {"n_groups": 10}, {"n_groups": 90, "enable_oversampling": True}, {"validation_fraction": 0.01}],
    ids=str,
)
def test_an_epoch_has_as_many_groups_as_the_backends_train_on(
    count: int, gridsize: int, training: dict[str, float]
) -> None:
    config = job_settings(model_gridsize=gridsize, **{f"training_{name}": value for name, value in training.items()})
    rest = {name: value for name, value in training.items() if name != "n_groups"}
    backend = TrainingConfig(
        ModelConfig(N=16, gridsize=gridsize),
        **{"validation_fraction": config.values("training")["validation_fraction"], **rest},
    )
    scan = GroupedScan.build(raw_scan(16, count, 1e5, 0), gridsize**2, 6)
    groups = EpochGroups(scan, backend, training.get("n_groups"))
    case = TrainingCase(config, opened_scan(n_patterns=count), count)
    assert case.groups_per_epoch == groups.groups_per_epoch


def test_the_pitch_is_that_of_a_square_grid_over_the_scanned_area() -> None:
    scan = opened_scan(n_patterns=25, y_range_px=(0.0, 10.0), x_range_px=(0.0, 40.0))
    assert position_pitch_px(scan) == pytest.approx(4.0)
    assert position_pitch_px(opened_scan(y_range_px=None, median_step_px=3.0)) == 3.0
