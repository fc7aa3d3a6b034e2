"""Settings that do not fit the open scan, and scans and models that do not fit each other (no Qt)."""

from __future__ import annotations

from ptychopinn.backends.method import cnn_widths
from ptychopinn.errors import ConfigError
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Model, Scan


def fit_problems(section: str, config: JobSettings, scan: Scan | None) -> dict[str, str]:
    """Give field -> sentence for what contradicts the scan or another section."""
    if section == "model":
        return _model(config, scan)
    if section in ("training", "inference"):
        return _groups(section, config, scan)
    return {}


def pattern_size(scan: Scan) -> int | None:
    """Give the side of the scan's patterns in pixels."""
    shape = scan.summary.pattern_shape
    return int(shape[-1]) if shape else None


def patterns_used(config: JobSettings, scan: Scan | None) -> int | None:
    """Give how many patterns of the scan a training takes."""
    count = scan.summary.n_patterns if scan is not None else None
    taken = config.values("training").get("n_subsample")
    if count is None or not isinstance(taken, int):
        return count
    return min(count, taken)


def judge_problem(scan: Scan | None, test: Scan | None) -> str:
    """Say why the test scan cannot judge a training on the scan; empty when it can."""
    size, other = (pattern_size(each) if each is not None else None for each in (scan, test))
    if test is None or size is None or other is None or size == other:
        return ""
    return (
        f"The patterns of the test data {test.path.name} are {other} pixels wide, those of the training data {size};"
        " close the test data or open test data of the same size."
    )


def model_problem(model: Model, scan: Scan) -> str:
    """Say why a model cannot reconstruct a scan; empty when it can."""
    size, count = pattern_size(scan), scan.summary.n_patterns
    if model.pattern_size is not None and size is not None and model.pattern_size != size:
        return (
            f"The model {model.title} was trained on patterns of {model.pattern_size} pixels, those of"
            f" {scan.path.name} are {size} pixels wide; open data of the same size, or train a model on these."
        )
    members = (model.gridsize or 1) ** 2
    if count is not None and count < members:
        return (
            f"The model {model.title} takes groups of {members} patterns, {scan.path.name} has only {count};"
            " open a larger scan, or train a model with a smaller grid size."
        )
    return ""


def _model(config: JobSettings, scan: Scan | None) -> dict[str, str]:
    values, found = config.values("model"), {}
    wanted, gridsize = values.get("N"), values.get("gridsize")
    size = pattern_size(scan) if scan is not None else None
    if scan is not None and size is not None and wanted != size:
        found["N"] = f"The patterns of {scan.path.name} are {size} pixels wide; set N to {size}."
    elif values.get("architecture") == "cnn" and isinstance(wanted, int) and wanted > 0:
        try:
            cnn_widths(wanted, 1)
        except ConfigError as error:
            found["N"] = str(error)
    count = patterns_used(config, scan)
    if count is not None and isinstance(gridsize, int) and gridsize**2 > count:
        found["gridsize"] = (
            f"A group has {gridsize**2} patterns, the scan {count}; set the grid size to {int(count**0.5)} or less."
        )
    if values.get("model_type") == "supervised" and scan is not None and scan.summary.object_shape is None:
        found["model_type"] = (
            f"'supervised' learns from the known object, and {scan.path.name} has no objectGuess; choose 'pinn'."
        )
    return found


def _groups(section: str, config: JobSettings, scan: Scan | None) -> dict[str, str]:
    values = config.values(section)
    gridsize, neighbours = config.values("model").get("gridsize"), values.get("neighbor_count")
    if not isinstance(gridsize, int) or not isinstance(neighbours, int) or gridsize < 1:
        return {}
    members = gridsize**2
    if neighbours < members:
        return {"neighbor_count": f"Grid size {gridsize} needs {members} neighbours or more, found {neighbours}."}
    count, groups = patterns_used(config, scan), values.get("n_groups")
    if gridsize == 1 or count is None or not isinstance(groups, int) or groups <= count:
        return {}
    if not values.get("enable_oversampling"):
        return {"n_groups": f"The scan has {count} positions; ask for at most {count} groups or allow oversampling."}
    pool = values.get("neighbor_pool_size")
    if isinstance(pool, int) and pool < members:
        needed = f"{members} positions or more"
        return {"neighbor_pool_size": f"Grid size {gridsize} needs a pool of {needed}, found {pool}."}
    return {}
