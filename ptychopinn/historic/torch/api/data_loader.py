"""Scans for training and prediction."""

from __future__ import annotations

import enum
import logging
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.historic.raw_data import RawData
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.api.config_manager import ConfigManager
from ptychopinn.historic.torch.api.training_data import training_data
from ptychopinn.historic.torch.scan_data import ScanBatch, ScanDataModule
from ptychopinn.historic.torch.settings import configuration_of
from ptychopinn.log_errors import log_errors

logger = logging.getLogger("ptychopinn-torch")

_TENSORS = ("amplitude", "offsets_px", "truth")
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
    data_dir : path or None
        Folder with NPZ files, or one such file; None: the ``training_directories`` of the training settings.
        A ``test_data.npz`` beside others judges the epochs.
    config_manager : ConfigManager or None
        Its ``data_config.N`` follows the data.
    data_config, model_config, training_config : settings or None
        Replace those of the manager.
    data_format : DataloaderFormats
        What :meth:`data` returns.
    output_dir : path or None
        The run gets a folder of its own inside, which the attribute of this name tells; None takes the output
        folder of the training settings.

    Raises
    ------
    MissingFileError, DataError
        There is no scan, or one cannot be read.
    """

    @log_errors("ptychopinn-torch")
    def __init__(
        self,
        data_dir: str | Path | None,
        config_manager: ConfigManager | None = None,
        data_config: torch_configs.DataConfig | None = None,
        model_config: torch_configs.ModelConfig | None = None,
        training_config: torch_configs.TrainingConfig | None = None,
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
        places = self.config_manager.training_config.training_directories if data_dir is None else [data_dir]
        self.folders = [Path(folder) for folder in places]
        self.data_format = DataloaderFormats(data_format)
        self.output_dir = run_folder(output_dir or self.config_manager.training_config.output_dir)
        self.scans, self.test_scan = _read(self.folders)
        self._follow_data()

    @classmethod
    @log_errors("ptychopinn-torch")
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
        loader.folders, loader.data_format = [], DataloaderFormats.LIGHTNING_MODULE
        loader.output_dir = Path(loader.config_manager.training_config.output_dir)
        scan = RawData.from_coords_without_pc(
            points[:, 1].copy(), points[:, 0].copy(), np.asarray(diff_patterns), np.asarray(probe), None
        )
        loader.scans, loader.test_scan = [scan], None
        return loader

    def data(self) -> ScanDataModule | DataLoader[ScanBatch] | dict[str, torch.Tensor]:
        """Return the training data in the format that was asked for.

        A Lightning data module; or a PyTorch loader of one epoch's batches; or the tensors of one epoch by their
        names: ``amplitude`` (group, channel, N, N), ``offsets_px`` (group, channel, 2), ``truth``.
        """
        manager = self.config_manager
        config = configuration_of(manager.settings)
        module = training_data(config, self.scans, self.test_scan, manager, PyTorchExecutionConfig())
        if self.data_format in (DataloaderFormats.LIGHTNING_MODULE, DataloaderFormats.LIGHTNING_ONLY_MODULE):
            return module
        loader = module.train_dataloader()
        if self.data_format == DataloaderFormats.PYTORCH:
            return loader
        batches = list(loader)
        return {name: torch.cat([getattr(batch, name) for batch in batches]) for name in _TENSORS}

    def _follow_data(self) -> None:
        sizes = {scan.pattern_size for scan in (*self.scans, *([self.test_scan] if self.test_scan else []))}
        if len(sizes) > 1:
            raise DataError(
                f"the scans in {', '.join(map(str, self.folders))} have patterns of {sorted(sizes)} pixels",
                "one size",
                "Separate them.",
            )
        (size,) = sizes
        if size != self.config_manager.data_config.N:
            logger.info(
                "N is %d, but the patterns are %d pixels wide; N follows", self.config_manager.data_config.N, size
            )
            self.config_manager.data_config.N = size


def run_folder(parent: str | Path) -> Path:
    """Return a name ``run_<date>_<time>`` in a folder that nothing has yet, so that runs never mix."""
    name = time.strftime("run_%Y%m%d_%H%M%S")
    folder, number = Path(parent) / name, 1
    while folder.exists():
        number += 1
        folder = Path(parent) / f"{name}_{number}"
    return folder


def _read(folders: list[Path]) -> tuple[list[RawData], RawData | None]:
    files = [file for folder in folders for file in ([folder] if folder.is_file() else sorted(folder.glob("*.npz")))]
    if not files:
        where = ", ".join(map(str, folders)) or "no folder"
        raise MissingFileError(f"there is no scan in {where}", "NPZ files", "Export the training data to it.")
    test = [file for file in files if file.name == _VALIDATION_FILE] if len(files) > 1 else []
    scans = {file: RawData.from_file(file) for file in files}
    for file, scan in scans.items():
        logger.info("%s: %d patterns", file.name, scan.n_patterns)
    return [scan for file, scan in scans.items() if file not in test], scans[test[0]] if test else None
