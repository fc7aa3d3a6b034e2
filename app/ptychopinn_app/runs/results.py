"""Read the result of a reconstruction for display (no Qt)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ptychopinn.product import npz
from ptychopinn.product.images import centred_phase
from ptychopinn.quality.coverage import dose, lit_mask
from ptychopinn_app.records import ObjectResult
from ptychopinn_app.runs import folder as runs


def read_result(run_dir: Path) -> ObjectResult:
    """Read the object and the report of a run; the amplitude is zero where the dose is too low."""
    product = npz.read(run_dir / runs.OBJECT_FILE)
    lit = lit_mask(dose(product.probe, product.positions_px, product.object_.shape))
    if not lit.any():
        lit = np.ones(product.object_.shape, dtype=bool)
    return ObjectResult(
        run_dir=run_dir,
        amplitude=np.where(lit, np.abs(product.object_), 0).astype(np.float32),
        phase=centred_phase(product.object_, lit),
        pixel_size_m=product.pixel_size_m,
        report=runs.read_json(run_dir / runs.REPORT_FILE),
    )
