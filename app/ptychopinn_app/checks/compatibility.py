"""Errors: incompatible settings, scans and models (no Qt)."""

from __future__ import annotations

from ptychopinn.backends.method import cnn_widths
from ptychopinn.errors import ConfigError
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Model, Scan


def fit_problems(section: str, config: JobSettings, scan: Scan | None) -> dict[str, str]:
    """Map each field that conflicts with the scan or another setting to a sentence that explains the conflict."""
    if section == "model":
        return _model(config, scan)
    if section in ("training", "inference"):
        return _groups(section, config, scan)
    return {}


def pattern_size(scan: Scan) -> int | None:
    """Return the width of the scan's patterns in pixels; None while unknown."""
    shape = scan.summary.pattern_shape
    return int(shape[-1]) if shape else None


def patterns_used(config: JobSettings, scan: Scan | None) -> int | None:
    """Return the number of patterns used for training; None while unknown."""
    count = scan.summary.n_patterns if scan is not None else None
    subsample = config.values("training").get("n_subsample")
    return min(count, subsample) if count is not None and isinstance(subsample, int) else count


def judge_problem(scan: Scan | None, test: Scan | None) -> str:
    """Return why the test scan cannot validate a training run on `scan`; empty if it can."""
    size, other = (pattern_size(each) if each is not None else None for each in (scan, test))
    if test is None or size is None or other is None or size == other:
        return ""
    return (
        f"The patterns of the test data {test.path.name} are {other} pixels wide, but those of the training data"
        f" are {size}. Close the test data, or open test data with patterns of the same size."
    )


def model_problem(model: Model, scan: Scan) -> str:
    """Return why a model cannot reconstruct a scan; empty if it can."""
    size, count = pattern_size(scan), scan.summary.n_patterns
    if model.pattern_size is not None and size is not None and model.pattern_size != size:
        return (
            f"The model {model.title} was trained on patterns {model.pattern_size} pixels wide, but"
            f" those of {scan.path.name} are {size} pixels wide. Open a matching scan, or train a model on this one."
        )
    members = (model.gridsize or 1) ** 2
    if count is not None and count < members:
        return (
            f"The model {model.title} needs groups of {members} patterns; {scan.path.name} has only {count}."
            " Open a larger scan, or train a model with a smaller grid size."
        )
    return ""


def _model(config: JobSettings, scan: Scan | None) -> dict[str, str]:
    values, problems = config.values("model"), {}
    side, gridsize = values.get("N"), values.get("gridsize")
    size = pattern_size(scan) if scan is not None else None
    if scan is not None and size is not None and side != size:
        problems["N"] = f"The patterns of {scan.path.name} are {size} pixels wide. Set N to {size}."
    elif values.get("architecture") == "cnn" and isinstance(side, int) and side > 0:
        try:
            cnn_widths(side, 1)
        except ConfigError as error:
            problems["N"] = str(error)
    count = patterns_used(config, scan)
    if count is not None and isinstance(gridsize, int) and gridsize**2 > count:
        problems["gridsize"] = (
            f"A group needs {gridsize**2} patterns; the scan has only {count}."
            f" Reduce the grid size to {int(count**0.5)}."
        )
    if values.get("model_type") == "supervised" and scan is not None and scan.summary.object_shape is None:
        problems["model_type"] = (
            f"'supervised' needs a known object, but {scan.path.name} has no objectGuess. Select 'pinn'."
        )
    return problems


def _groups(section: str, config: JobSettings, scan: Scan | None) -> dict[str, str]:
    values = config.values(section)
    gridsize, neighbours = config.values("model").get("gridsize"), values.get("neighbor_count")
    if not isinstance(gridsize, int) or not isinstance(neighbours, int) or gridsize < 1:
        return {}
    members = gridsize**2
    if neighbours < members:
        words = f"The number of neighbours is {neighbours}, but grid size {gridsize} needs at least {members}."
        return {"neighbor_count": words}
    count, groups = patterns_used(config, scan), values.get("n_groups")
    if gridsize == 1 or count is None or not isinstance(groups, int) or groups <= count:
        return {}
    if not values.get("enable_oversampling"):
        return {"n_groups": f"The scan has {count} positions. Use at most {count} groups, or enable oversampling."}
    pool = values.get("neighbor_pool_size")
    if isinstance(pool, int) and pool < members:
        return {
            "neighbor_pool_size": f"The pool has {pool} neighbours, but grid size {gridsize} needs at least {members}."
        }
    return {}
