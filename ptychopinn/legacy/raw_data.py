"""Historic module ``ptycho.raw_data`` (Specification §4.3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.config import legacy_params
from ptychopinn.data import raw_data
from ptychopinn.data.grouped_arrays import grouped_arrays, normalised
from ptychopinn.data.grouping import group
from ptychopinn.errors import DataError


class RawData(raw_data.RawData):
    """A scan with the grouping call of the specification; see :class:`ptychopinn.data.raw_data.RawData`."""

    def generate_grouped_data(
        self,
        N: int,
        K: int = 4,
        nsamples: int = 1,
        dataset_path: str | None = None,
        seed: int | None = None,
        sequential_sampling: bool = False,
        gridsize: int | None = None,
        enable_oversampling: bool = False,
        neighbor_pool_size: int | None = None,
    ) -> dict[str, Any]:
        """Return grouped arrays, see :func:`ptychopinn.data.grouped_arrays.grouped_arrays`.

        Parameters
        ----------
        N : int
            Pattern size; must be that of the data.
        K, nsamples, seed, sequential_sampling, enable_oversampling, neighbor_pool_size
            See :func:`ptychopinn.data.grouping.group`.
        dataset_path
            Accepted for old callers; nothing is cached on disk.
        gridsize : int or None
            None takes ``params.cfg['gridsize']``.

        Raises
        ------
        DataError
            The request does not fit the scan; it is a ValueError.
        """
        if self.pattern_size != N:
            raise DataError(
                f"the patterns are {self.pattern_size} pixels wide but N is {N}",
                f"N = {self.pattern_size}",
                "Set N to the size of the patterns.",
            )
        size = int(legacy_params.get("gridsize")) if gridsize is None else gridsize
        groups = group(
            self.positions_px,
            size,
            nsamples,
            neighbor_count=K,
            seed=seed,
            sequential=sequential_sampling,
            enable_oversampling=enable_oversampling,
            neighbor_pool_size=neighbor_pool_size,
        )
        return grouped_arrays(self, groups)


def normalize_data(dset: dict[str, Any], N: int) -> NDArray[np.float32]:
    """Return ``dset['diffraction']`` scaled so that the mean summed intensity is (N/2) squared."""
    return normalised(dset["diffraction"], N)
