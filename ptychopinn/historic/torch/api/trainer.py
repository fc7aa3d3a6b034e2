"""Train a model on the scans of a loader."""

from __future__ import annotations

import logging
import multiprocessing
import warnings
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch

from ptychopinn.backends.processes import Processes
from ptychopinn.backends.torch.callbacks import BestWeights, Reporter, build_checkpoint
from ptychopinn.backends.torch.training import build_trainer
from ptychopinn.backends.training_course import no_preview
from ptychopinn.backends.training_watch import Clock, TrainingWatch
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.events import never
from ptychopinn.historic.components import epoch_lines
from ptychopinn.historic.torch.api.data_loader import PtychoDataLoader
from ptychopinn.historic.torch.api.model import ConfigManager, PtychoModel
from ptychopinn.historic.torch.config_bridge import one_of
from ptychopinn.historic.torch.config_params import TrainingConfig
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.historic.torch.scan_data import ScanDataModule, prepared_probe
from ptychopinn.log_errors import log_errors

logger = logging.getLogger("ptychopinn-torch")

# Orchestration to the logger that records the training.
_LOGGERS = {"mlflow": "mlflow", "lightning": "csv", "pytorch": "none"}


class Trainer:
    """A module, its data, and the Lightning trainer (``_trainer``) that trains the module on them."""

    def __init__(self, module: PtychoPINN_Lightning, data: ScanDataModule, trainer: pl.Trainer, run_dir: Path) -> None:
        self.module, self.data, self._trainer, self.run_dir = module, data, trainer, run_dir

    @classmethod
    @log_errors("ptychopinn-torch")
    def _from_lightning(
        cls,
        model: PtychoModel,
        dataloader: PtychoDataLoader,
        orchestration: str | None = None,
        config_manager: ConfigManager | None = None,
    ) -> Trainer:
        manager = config_manager or dataloader.config_manager
        orchestration = orchestration or manager.training_config.orchestrator
        module = model.module()
        execution, devices, device = _execution(manager.training_config, _logger_of(orchestration))
        pl.seed_everything(module.config.seed, workers=True, verbose=False)
        data = dataloader.training_data(module.config, manager, execution)
        module.shape = data.shape
        module.take_probe(prepared_probe(dataloader.scans[0], manager.data_config))
        module.mean_counts = dataloader.scans[0].mean_counts()
        logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
        run_dir = Path(dataloader.output_dir)
        validates = any(groups.test_scan is not None or len(groups.validation_seeds) > 0 for groups, _ in data.scans)
        metric = module.val_loss_name if validates else module.loss_name
        clock = Clock(module.config.nepochs, data.batches_per_epoch, None)
        watch = TrainingWatch(clock, epoch_lines(logger), never, no_preview)
        callbacks = [Reporter(watch), BestWeights(), build_checkpoint(run_dir, execution, metric)]
        trainer = build_trainer(run_dir, execution, module.config.nepochs, device, callbacks, Processes(devices))
        module.progress = lambda: clock.progress
        return cls(module, data, trainer, run_dir)

    @log_errors("ptychopinn-torch")
    def train(self, orchestration: str = "lightning", experiment_name: str = "") -> Path:
        """Train the model; return the run folder, which contains the checkpoints.

        ``orchestration`` is only validated: :meth:`_from_lightning` has already chosen the logger.
        """
        _logger_of(orchestration)
        self.run_dir.mkdir(parents=True, exist_ok=True)
        logger.info("training%s in %s", f" {experiment_name}" if experiment_name else "", self.run_dir)
        with warnings.catch_warnings():
            # Lightning advises more loader processes and log steps; batches come from memory here.
            warnings.filterwarnings("ignore", module="lightning")
            self._trainer.fit(self.module, datamodule=self.data)
        self.module.cpu().eval()
        return self.run_dir


def _logger_of(orchestration: Any) -> Any:
    word = str(getattr(orchestration, "value", orchestration)).lower()
    return one_of("orchestration", word, _LOGGERS)


def _execution(training: TrainingConfig, logger_backend: Any) -> tuple[PyTorchExecutionConfig, int, torch.device]:
    """Return the execution settings, the number of devices and the device; log a fallback to the CPU."""
    gpus = torch.cuda.device_count()
    on_gpu = str(training.device) != "cpu" and gpus > 0
    workers, devices = training.num_workers, min(max(training.n_devices, 1), gpus) if on_gpu else 1
    strategy = several_devices(training.strategy) if devices > 1 else "auto"
    if not on_gpu:
        if str(training.device) != "cpu" or training.n_devices > 1 or workers > 0:
            logger.info("no GPU is used; training runs in a single process on the CPU")
        workers = 0
    execution = PyTorchExecutionConfig(
        accelerator="cuda" if on_gpu else "cpu",
        strategy=strategy,
        deterministic=False,
        learning_rate=training.learning_rate,
        accum_steps=training.accum_steps,
        gradient_clip_val=training.gradient_clip_val,
        num_workers=workers,
        logger_backend=logger_backend,
    )
    return execution, devices, torch.device("cuda" if on_gpu else "cpu")


def several_devices(strategy: str | None) -> str:
    """Return a strategy that can start further processes from this process.

    ``ddp`` starts the program again, which is not allowed in a child process. Spawned processes cannot receive
    callbacks that are defined inside functions; forked processes already have them.
    """
    if strategy == "ddp" and multiprocessing.parent_process() is None:
        return "ddp"
    return "ddp_fork" if strategy in (None, "auto", "ddp", "ddp_spawn") else strategy
