"""Settings that do not fit the open scan (no Qt)."""

from __future__ import annotations

from ptychopinn_app.jobs.records import Scan
from ptychopinn_app.session.job_settings import JobSettings


def fit_problems(section: str, config: JobSettings, scan: Scan | None) -> dict[str, str]:
    """Give field -> sentence for what contradicts the scan or another section."""
    if section == "model" and scan is not None:
        return _model(config, scan)
    if section in ("training", "inference"):
        return _groups(section, config, scan)
    return {}


def pattern_size(scan: Scan) -> int | None:
    """Give the side of the scan's patterns in pixels."""
    shape = scan.summary.pattern_shape
    return int(shape[-1]) if shape else None


def _model(config: JobSettings, scan: Scan) -> dict[str, str]:
    size, wanted = pattern_size(scan), config.values("model").get("N")
    if size is None or wanted == size:
        return {}
    return {"N": f"The patterns of {scan.path.name} are {size} pixels wide; set N to {size}."}


def _groups(section: str, config: JobSettings, scan: Scan | None) -> dict[str, str]:
    gridsize = config.values("model").get("gridsize")
    neighbours = config.values(section).get("neighbor_count")
    if not isinstance(gridsize, int) or not isinstance(neighbours, int) or gridsize < 1:
        return {}
    if neighbours < gridsize**2:
        need = gridsize**2
        return {"neighbor_count": f"gridsize {gridsize} needs {need} neighbours or more, found {neighbours}."}
    count = scan.summary.n_patterns if scan is not None else None
    groups = config.values(section).get("n_groups")
    oversampling = config.values(section).get("enable_oversampling")
    if gridsize > 1 and count is not None and isinstance(groups, int) and groups > count and not oversampling:
        return {"n_groups": f"The scan has {count} positions; ask for at most {count} groups or allow oversampling."}
    return {}
