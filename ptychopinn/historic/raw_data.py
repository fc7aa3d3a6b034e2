"""Historic module ``ptycho.raw_data`` (API specification, section 4.3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.historic.data.grouped_arrays import normalised

__all__ = ["RawData", "normalize_data"]


def normalize_data(dset: dict[str, Any], N: int) -> NDArray[np.float32]:
    """Return ``dset['diffraction']`` scaled so that the mean summed intensity is (N/2) squared."""
    return normalised(dset["diffraction"], N)
