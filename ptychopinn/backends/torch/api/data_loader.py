"""Scans for training and prediction."""

from __future__ import annotations

import enum
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.torch import legacy_configs
from ptychopinn.backends.torch.api.config_manager import ConfigManager
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError, MissingFileError

logger = logging.getLogger("ptychopinn-torch")

_VALIDATION_FILE = "test_data.npz"


class DataloaderFormats(enum.Enum):
    """What a loader gives out: a Lightning data module (two spellings), tensors by name, or a PyTorch loader."""

    LIGHTNING_MODULE = "lightning_module"
    LIGHTNING_ONLY_MODULE = "lightning_only_module"
    TENSORDICT = "tensordict"
    PYTORCH = "pytorch"


class PtychoDataLoader:
    """The scans of a folder.

    Parameters
    ----------
    data_dir : path
        Folder with NPZ files, or one such file. A ``test_data.npz`` beside others judges the epochs.
    config_manager : ConfigManager or None
        Its ``data_config.N`` follows the data.
    data_config, model_config, training_config : settings or None
        Replace those of the manager.
    data_format : DataloaderFormats
        What :meth:`data` returns.
    output_dir : path or None
        Folder of the run; None takes that of the training settings.

    Raises
    ------
    MissingFileError, DataError
        There is no scan, or one cannot be read.
    """

    def __init__(
        self,
        data_dir: str | Path,
        config_manager: ConfigManager | None = None,
        data_config: legacy_configs.DataConfig | None = None,
        model_config: legacy_configs.ModelConfig | None = None,
        training_config: legacy_configs.TrainingConfig | None = None,
        data_format: DataloaderFormats | str = DataloaderFormats.LIGHTNING_MODULE,
        output_dir: str | Path | None = None,
    ) -> None:
        self.config_manager = config_manager or ConfigManager()
        for name, value in (
            ("data_config", data_config),
            ("model_config", model_config),
            ("training_config", training_config),
        ):
            if value is not None:
                setattr(self.config_manager, name, value)
        self.data_dir = Path(data_dir)
        self.data_format = DataloaderFormats(data_format)
        self.output_dir = Path(self.config_manager.training_config.output_dir if output_dir is None else output_dir)
        self.scans, self.test_scan = _read(self.data_dir)
        self._follow_data()

    @classmethod
    def from_np(
        cls,
        diff_patterns: NDArray[Any],
        probe: NDArray[Any],
        positions: NDArray[Any],
        config_manager: ConfigManager | None = None,
    ) -> PtychoDataLoader:
        """Return a loader of one scan in memory.

        Parameters
        ----------
        diff_patterns : array (position, N, N)
            Counts, or their square roots.
        probe : array (mode, N, N) or (N, N), complex
        positions : array (position, 2)
            (y, x) in object pixels.
        config_manager : ConfigManager or None
        """
        points = np.asarray(positions, np.float64)
        if points.ndim != 2 or points.shape[1] != 2:
            raise DataError(f"positions has shape {points.shape}", "(position, 2), (y, x) in pixels")
        loader = cls.__new__(cls)
        loader.config_manager = config_manager or ConfigManager()
        loader.data_dir, loader.data_format = Path(), DataloaderFormats.LIGHTNING_MODULE
        loader.output_dir = Path(loader.config_manager.training_config.output_dir)
        scan = RawData.from_coords_without_pc(
            points[:, 1].copy(), points[:, 0].copy(), np.asarray(diff_patterns), np.asarray(probe), None
        )
        loader.scans, loader.test_scan = [scan], None
        return loader

    def _follow_data(self) -> None:
        sizes = {scan.pattern_size for scan in (*self.scans, *([self.test_scan] if self.test_scan else []))}
        if len(sizes) > 1:
            raise DataError(
                f"the scans in {self.data_dir} have patterns of {sorted(sizes)} pixels", "one size", "Separate them."
            )
        (size,) = sizes
        if size != self.config_manager.data_config.N:
            logger.info(
                "N is %d, but the patterns are %d pixels wide; N follows", self.config_manager.data_config.N, size
            )
            self.config_manager.data_config.N = size


def _read(data_dir: Path) -> tuple[list[RawData], RawData | None]:
    files = [data_dir] if data_dir.is_file() else sorted(data_dir.glob("*.npz"))
    if not files:
        raise MissingFileError(f"there is no scan in {data_dir}", "NPZ files", "Export the training data to it.")
    test = [file for file in files if file.name == _VALIDATION_FILE] if len(files) > 1 else []
    scans = {file: RawData.from_file(file) for file in files}
    for file, scan in scans.items():
        logger.info("%s: %d patterns; %s", file.name, scan.n_patterns, scan.units_reason)
    return [scan for file, scan in scans.items() if file not in test], scans[test[0]] if test else None
