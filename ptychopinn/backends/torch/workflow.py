"""The PyTorch backend as the workflow sees it."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np

from ptychopinn.backends.base import History, Reconstruction, TrainingJob
from ptychopinn.backends.torch.inference import predict_object
from ptychopinn.backends.torch.precision import choose_device, use_bfloat16
from ptychopinn.backends.torch.refine import refine_object
from ptychopinn.backends.torch.saving import NAME, load_archive, save_archive
from ptychopinn.backends.torch.training import TrainedNetwork, train_network
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.data.cover import cover_scan
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError
from ptychopinn.physics.scaling import normalise_probe
from ptychopinn.stitching.object_grid import ObjectGrid
from ptychopinn.workflow.events import Phase, Report, Stop

_logger = logging.getLogger("ptychopinn")

# The probe_scale at which an empty object has amplitude 1.
_NEUTRAL_PROBE_SCALE = 4.0


class TorchModel:
    """A trained PyTorch model with its settings."""

    def __init__(self, trained: TrainedNetwork, config: TrainingConfig) -> None:
        self.trained, self.config = trained, config

    @property
    def history(self) -> History:
        """Losses by epoch."""
        return self.trained.history

    def save(self, path: Path) -> None:
        """Write the model archive atomically."""
        save_archive(path, self.trained, self.config)

    def reconstruct(
        self,
        data: RawData,
        config: InferenceConfig,
        execution: PyTorchExecutionConfig | None,
        report: Report,
        should_stop: Stop,
        *,
        refine_sweeps: int = 0,
    ) -> Reconstruction:
        """Predict the object of a scan, stitched on the pixel grid of its positions.

        Raises
        ------
        DataError
            The patterns have another size than the model's.
        """
        began = time.monotonic()
        execution = execution or PyTorchExecutionConfig(accelerator="auto")
        model = self.config.model
        if data.pattern_size != model.N:
            raise DataError(
                f"the patterns are {data.pattern_size} pixels wide, but the model was trained with N = {model.N}",
                f"patterns of {model.N} x {model.N} pixels",
                "Crop or pad the patterns, or train a model for this size.",
            )
        device = choose_device(execution.accelerator)
        network = self.trained.network.to(device)
        network.mixed = self.trained.network.mixed if device.type == "cpu" else use_bfloat16("auto", device)
        probe = self._probe_for(data)
        trained_parts = network.probe_parts.detach().clone()
        members = model.gridsize**2
        scan = GroupedScan.build(data, members, members)
        groups = cover_scan(data.positions_px, members, times=4 if config.enable_oversampling else 2)
        if config.n_groups is not None:
            groups = groups[: config.n_groups]
        shape = (0, 0) if data.objectGuess is None else np.shape(data.objectGuess)[-2:]
        grid = ObjectGrid.of_scan(data.positions_px, data.pattern_size, (int(shape[0]), int(shape[1])))
        _logger.debug(
            "%d groups of %d, reach %.1f px, object %s, probe %s, mixed precision %s, on %s",
            len(groups),
            members,
            scan.reach_px,
            grid.shape,
            probe.shape,
            network.mixed,
            device,
        )
        report(Phase("predicting"))
        network.set_probe(probe)
        try:
            stitcher = predict_object(
                network,
                scan,
                groups,
                grid,
                groups_per_batch=execution.inference_batch_size,
                middle_trim=execution.middle_trim,
                report=report,
                should_stop=should_stop,
            )
        finally:
            network.probe_parts.data.copy_(trained_parts)
            network.cpu()
        obj = stitcher.result()
        positions = grid.positions(data.positions_px)
        if refine_sweeps > 0:
            report(Phase(f"refining, {refine_sweeps} sweeps"))
            obj = refine_object(
                obj,
                probe,
                data,
                positions,
                refine_sweeps,
                seed=self.config.seed,
                device=device,
                report=report,
                should_stop=should_stop,
            )
        brightness = np.float32(model.probe_scale / _NEUTRAL_PROBE_SCALE)
        return Reconstruction(
            (obj / brightness).astype(np.complex64),
            (probe * brightness).astype(np.complex64),
            positions,
            stitcher.weight,
            time.monotonic() - began,
        )

    def _probe_for(self, data: RawData) -> np.ndarray[tuple[int, ...], np.dtype[np.complex64]]:
        """Return the trained probe if training changed it or the scan has none, else the scan's own."""
        own = self.config.probe_trainable or data.probeGuess is None
        probe = self.trained.probe if own else data.probe_modes
        return normalise_probe(probe, data.mean_counts())


class TorchBackend:
    """PyTorch with Lightning."""

    name = NAME

    def train(self, job: TrainingJob, report: Report, should_stop: Stop) -> TorchModel:
        """Train a model on a scan."""
        return TorchModel(train_network(job, report, should_stop), job.config)

    def load(self, archive: Path) -> TorchModel:
        """Open a model archive."""
        return TorchModel(*load_archive(archive))


BACKEND = TorchBackend()
