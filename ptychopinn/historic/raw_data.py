"""Historic module ``ptycho.raw_data``: scans that are read from files and grouped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data import npz, raw_data
from ptychopinn.data.grouping import group
from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.historic.data.container import grouped_arrays, normalised
from ptychopinn.historic.params import current_gridsize
from ptychopinn.log_errors import log_errors

__all__ = ["RawData", "normalize_data"]


class RawData(raw_data.RawData):
    """A scan that can be read from and written to a file, and can group its patterns."""

    @classmethod
    def from_scan(cls, scan: raw_data.RawData) -> Self:
        """Return a scan of this class that shares the arrays of another scan."""
        if isinstance(scan, cls):
            return scan
        result = cls.__new__(cls)
        result.__dict__.update(scan.__dict__)
        return result

    @classmethod
    @log_errors("ptychopinn")
    def from_file(
        cls,
        train_data_file_path: str | Path,
        validate_config: bool = False,
        current_config: Any = None,
        *,
        diff3d_units: str | None = None,
    ) -> Self:
        """Read a scan from an NPZ file.

        With ``validate_config``, the pattern size must equal N of ``current_config`` (a model, training or
        inference configuration).

        Raises
        ------
        MissingFileError, DataError
            The file is missing or unreadable, lacks a required key, or its arrays do not match.
        """
        scan = npz.read(train_data_file_path, units=diff3d_units or "auto")
        if validate_config and current_config is not None:
            expected = getattr(getattr(current_config, "model", current_config), "N", None)
            if expected is not None and expected != scan.pattern_size:
                raise DataError(
                    f"The patterns in {train_data_file_path} are {scan.pattern_size} pixels wide",
                    f"N = {expected}, the value in the configuration",
                    f"Set N to {scan.pattern_size}, or crop or pad the patterns.",
                )
        return cls.from_scan(scan)

    def to_file(self, file_path: str | Path) -> None:
        """Write the scan as NPZ; see :func:`ptychopinn.data.npz.write`."""
        npz.write(file_path, self)

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
        """Return the arrays of :func:`ptychopinn.historic.data.container.grouped_arrays`.

        ``N`` must be the pattern size. If ``gridsize`` is None, ``params.cfg['gridsize']`` is used. ``dataset_path`` is
        ignored, since nothing is cached on disk. For the other parameters, see
        :func:`ptychopinn.data.grouping.group`.

        Raises
        ------
        DataError
            ``N`` is not the pattern size, or the positions do not allow the requested groups. The error is also a
            ValueError.
        """
        if self.pattern_size != N:
            text = f"the patterns are {self.pattern_size} pixels wide but N is {N}"
            raise DataError(text, f"N = {self.pattern_size}", "Set N to the size of the patterns.")
        groups = group(
            self.positions_px,
            current_gridsize() if gridsize is None else gridsize,
            nsamples,
            neighbor_count=K,
            seed=seed,
            sequential=sequential_sampling,
            enable_oversampling=enable_oversampling,
            neighbor_pool_size=neighbor_pool_size,
        )
        return grouped_arrays(self, groups)


def normalize_data(dset: dict[str, Any], N: int) -> NDArray[np.float32]:
    """Return ``dset['diffraction']`` scaled so that the mean summed intensity of a pattern is (N/2) squared."""
    return normalised(dset["diffraction"], N)


def require_data_file(path: str | Path, role: str) -> Path:
    """Return the path of an existing scan file; ``role``, 'Training' or 'Test', appears in the error message.

    Raises
    ------
    MissingFileError
        The file does not exist; the message names its path. The error is also a FileNotFoundError.
    """
    file = Path(path)
    if not file.is_file():
        kind = " is a folder" if file.is_dir() else ""
        raise MissingFileError(f"{role} data file not found: {file}{kind}", "an NPZ file", "Check the path.")
    return file
