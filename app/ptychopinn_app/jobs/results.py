"""Reading the result of a reconstruction for display: object, what of it was lit, report (no Qt)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.product import npz
from ptychopinn.product.product import Product
from ptychopinn.workflow.reconstruct import centred_phase, lit_mask
from ptychopinn_app.jobs.records import ObjectResult
from ptychopinn_app.session import runs


def read_result(run_dir: Path) -> ObjectResult:
    """Read object and report of a run; where too little light fell the amplitude is zero."""
    product = npz.read(run_dir / runs.OBJECT_FILE)
    lit = lit_mask(dose(product))
    if not lit.any():
        lit = np.ones(product.object_.shape, dtype=bool)
    return ObjectResult(
        run_dir=run_dir,
        amplitude=np.where(lit, np.abs(product.object_), 0).astype(np.float32),
        phase=centred_phase(product.object_, lit),
        pixel_size_m=product.pixel_size_m,
        report=runs.read_json(run_dir / runs.REPORT_FILE),
    )


def dose(product: Product) -> NDArray[np.float32]:
    """Give the light that fell on every object pixel, (rows, columns): the probe's intensity at all positions."""
    light = np.square(np.abs(product.probe)).sum(axis=0).astype(np.float32)
    size = light.shape[-1]
    rows, columns = product.object_.shape
    canvas = np.zeros((rows + 2 * size, columns + 2 * size), dtype=np.float32)
    corners = np.rint(product.positions_px).astype(int) - size // 2 + size
    limit = np.array([rows + size, columns + size])
    for top, left in corners[np.all((corners >= 0) & (corners <= limit), axis=1)]:
        canvas[top : top + size, left : left + size] += light
    return canvas[size : size + rows, size : size + columns]
