"""From scans to the batches that a training takes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.historic.torch.api.config_manager import ConfigManager
from ptychopinn.historic.torch.neighbour_epochs import NeighbourEpochs
from ptychopinn.historic.torch.neighbour_groups import inside_bounds
from ptychopinn.historic.torch.probe_preparation import prepared_probe
from ptychopinn.historic.torch.scan_data import ScanDataModule


def training_data(
    config: TrainingConfig,
    scans: Sequence[RawData],
    test_scan: RawData | None,
    manager: ConfigManager,
    execution: PyTorchExecutionConfig,
) -> ScanDataModule:
    """Return the groups of scans as the settings want them.

    Raises
    ------
    DataError
        A scan has no known object to learn from; it is a ValueError.
    """
    settings = manager.data_config
    members = config.model.gridsize**2
    pool = max(config.neighbor_count, settings.K_quadrant if settings.neighbor_function == "4_quadrant" else 0)
    test = None if test_scan is None else GroupedScan.build(test_scan, members, pool)
    parts = []
    for raw in scans:
        if config.model.model_type == "supervised" and raw.objectGuess is None:
            raise DataError(
                "mode is 'Supervised' but a scan has no objectGuess",
                "the known object of every scan",
                "Choose mode 'Unsupervised', which learns from the patterns alone.",
            )
        inside = inside_bounds(raw.positions_px, settings, least=4 * members)
        part = raw if len(inside) == raw.n_patterns else raw.take(inside)
        scan = GroupedScan.build(part, members, pool)
        groups = NeighbourEpochs(scan, config, settings, manager.training_config.n_groups, test)
        # One scan's probe is the network's own, which may learn.
        probe = torch.as_tensor(prepared_probe(raw, settings))
        parts.append((groups, probe if len(scans) > 1 else probe[:0]))
    return ScanDataModule(parts, execution)
