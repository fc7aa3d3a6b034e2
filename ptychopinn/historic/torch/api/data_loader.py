"""Scans for training and prediction, and their training groups."""

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
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.errors import DataError, MissingFileError
from ptychopinn.files.names import TEST_DATA_FILE
from ptychopinn.historic.raw_data import RawData
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.api.model import ConfigManager
from ptychopinn.historic.torch.neighbour_groups import NeighbourEpochs, inside_bounds
from ptychopinn.historic.torch.scan_data import ScanDataModule, prepared_probe
from ptychopinn.historic.torch.settings import configuration_of
from ptychopinn.log_errors import log_errors

logger = logging.getLogger("ptychopinn-torch")


class DataloaderFormats(enum.Enum):
    """Formats of the training data: a Lightning data module (two spellings), tensors by name, or a PyTorch loader."""

    LIGHTNING_MODULE = "lightning_module"
    LIGHTNING_ONLY_MODULE = "lightning_only_module"
    TENSORDICT = "tensordict"
    PYTORCH = "pytorch"


class PtychoDataLoader:
    """The scans of a folder or of one NPZ file; a ``test_data.npz`` among several files is used for validation.

    If ``data_dir`` is None, the ``training_directories`` of the training settings are used. Settings that are passed
    replace those of ``config_manager``, whose ``data_config.N`` is set to the pattern size. ``data_format`` selects
    what :meth:`data` returns. The attribute ``output_dir`` is the path of a new folder inside the argument
    ``output_dir``, which defaults to the ``output_dir`` of the training settings.

    Raises
    ------
    MissingFileError, DataError
        No scan was found, a scan cannot be read, or the pattern sizes differ.
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
        self.config_manager = manager = config_manager or ConfigManager()
        manager.data_config = data_config or manager.data_config
        manager.model_config = model_config or manager.model_config
        manager.training_config = training_config or manager.training_config
        places = manager.training_config.training_directories if data_dir is None else [data_dir]
        self.data_format = DataloaderFormats(data_format)
        self.output_dir = run_folder(output_dir or manager.training_config.output_dir)
        self.scans, self.test_scan = _read([Path(folder) for folder in places])
        sizes = {scan.pattern_size for scan in [*self.scans, self.test_scan] if scan is not None}
        if len(sizes) > 1:
            raise DataError(
                f"the scans in {', '.join(map(str, places))} have different pattern sizes: {sorted(sizes)} pixels",
                "one pattern size",
                "Train on scans with different pattern sizes separately.",
            )
        (size,) = sizes
        if size != manager.data_config.N:
            logger.info("N is %d, but the patterns are %d pixels wide; N is adjusted", manager.data_config.N, size)
            manager.data_config.N = size

    @classmethod
    @log_errors("ptychopinn-torch")
    def from_np(
        cls,
        diff_patterns: NDArray[Any],
        probe: NDArray[Any],
        positions: NDArray[Any],
        config_manager: ConfigManager | None = None,
    ) -> PtychoDataLoader:
        """Return a loader for one scan that is in memory.

        Parameters
        ----------
        diff_patterns : array (position, N, N)
            Counts, or their square roots.
        probe : array (mode, N, N) or (N, N), complex
        positions : array (position, 2)
            (y, x) in object pixels.
        """
        points = np.asarray(positions, np.float64)
        if points.ndim != 2 or points.shape[1] != 2:
            raise DataError(f"positions has shape {points.shape}", "shape (position, 2), (y, x) in pixels")
        loader = cls.__new__(cls)
        loader.config_manager = config_manager or ConfigManager()
        loader.data_format = DataloaderFormats.LIGHTNING_MODULE
        loader.output_dir = Path(loader.config_manager.training_config.output_dir)
        scan = RawData.from_coords_without_pc(
            points[:, 1].copy(), points[:, 0].copy(), np.asarray(diff_patterns), np.asarray(probe), None
        )
        loader.scans, loader.test_scan = [scan], None
        return loader

    def data(self) -> ScanDataModule | DataLoader[Any] | dict[str, torch.Tensor]:
        """Return the training data in the format ``data_format``.

        The result is a Lightning data module, a PyTorch loader of one epoch's batches, or the tensors of one epoch by
        name: ``amplitude`` (group, channel, N, N), ``offsets_px`` (group, channel, 2), ``truth``.
        """
        config = configuration_of(self.config_manager.settings)
        module = self.training_data(config, self.config_manager, PyTorchExecutionConfig())
        if self.data_format in (DataloaderFormats.LIGHTNING_MODULE, DataloaderFormats.LIGHTNING_ONLY_MODULE):
            return module
        loader = module.train_dataloader()
        if self.data_format == DataloaderFormats.PYTORCH:
            return loader
        batches = list(loader)
        names = ("amplitude", "offsets_px", "truth")
        return {name: torch.cat([getattr(batch, name) for batch in batches]) for name in names}

    def training_data(
        self, config: TrainingConfig, manager: ConfigManager, execution: PyTorchExecutionConfig
    ) -> ScanDataModule:
        """Return the groups of the scans, drawn according to the settings in ``manager``.

        Raises
        ------
        DataError
            The mode is 'Supervised', but a scan has no known object. The error is also a ValueError.
        """
        settings, members = manager.data_config, config.model.gridsize**2
        pool = max(config.neighbor_count, settings.K_quadrant if settings.neighbor_function == "4_quadrant" else 0)
        test = None if self.test_scan is None else GroupedScan.build(self.test_scan, members, pool)
        parts = []
        for raw in self.scans:
            if config.model.model_type == "supervised" and raw.objectGuess is None:
                raise DataError(
                    "mode is 'Supervised' but a scan has no objectGuess",
                    "objectGuess in every scan",
                    "Choose mode 'Unsupervised', which learns from the patterns alone.",
                )
            inside = inside_bounds(raw.positions_px, settings, least=4 * members)
            part = raw if len(inside) == raw.n_patterns else raw.take(inside)
            scan = GroupedScan.build(part, members, pool)
            groups = NeighbourEpochs(scan, config, settings, manager.training_config.n_groups, test)
            # The probe of a single scan is the network's own, which may learn.
            probe = torch.as_tensor(prepared_probe(raw, settings))
            parts.append((groups, probe if len(self.scans) > 1 else probe[:0]))
        return ScanDataModule(parts, execution)


def run_folder(parent: str | Path) -> Path:
    """Return an unused path ``run_<date>_<time>`` in a folder, so that no two runs share a folder."""
    name = time.strftime("run_%Y%m%d_%H%M%S")
    folder, number = Path(parent) / name, 1
    while folder.exists():
        number += 1
        folder = Path(parent) / f"{name}_{number}"
    return folder


def _read(folders: list[Path]) -> tuple[list[RawData], RawData | None]:
    files = [file for folder in folders for file in ([folder] if folder.is_file() else sorted(folder.glob("*.npz")))]
    if not files:
        where = f"no scan found in {', '.join(map(str, folders))}" if folders else "no folder was given"
        raise MissingFileError(where, "NPZ files", "Pass a folder that contains them.")
    test = [file for file in files if file.name == TEST_DATA_FILE] if len(files) > 1 else []
    scans = {file: RawData.from_file(file) for file in files}
    for file, scan in scans.items():
        logger.info("%s: %d patterns", file.name, scan.n_patterns)
    return [scan for file, scan in scans.items() if file not in test], scans[test[0]] if test else None
