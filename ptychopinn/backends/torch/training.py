"""Train a model on one scan."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping
from numpy.typing import NDArray

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.method import GRADIENT_CLIP
from ptychopinn.backends.processes import Processes
from ptychopinn.backends.schedules import own_schedule
from ptychopinn.backends.stored_settings import probe_with_counts
from ptychopinn.backends.torch.callbacks import BestWeights, Reporter, build_checkpoint
from ptychopinn.backends.torch.datamodule import GroupDataModule
from ptychopinn.backends.torch.inference import TorchPredict
from ptychopinn.backends.torch.lightning_module import TrainingModule
from ptychopinn.backends.torch.loggers import build_logger
from ptychopinn.backends.torch.network import PtychoNetwork
from ptychopinn.backends.torch.precision import choose_device, use_bfloat16
from ptychopinn.backends.training_course import PreparedJob, TrainingCourse
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.events import Report, Stop

_ALONE = Processes()

# Makes the module with random weights; the flag switches its convolutions to bfloat16.
ModuleBuilder = Callable[[TrainingConfig, PyTorchExecutionConfig, bool], TrainingModule]


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained Lightning module with its training history."""

    module: TrainingModule
    history: History

    @property
    def network(self) -> PtychoNetwork:
        """The network inside the Lightning module."""
        return self.module.network

    @property
    def mean_counts(self) -> float:
        """Mean total counts per pattern in the training scan."""
        return self.module.mean_counts

    @property
    def probe(self) -> NDArray[np.complex64]:
        """Probe (mode, N, N) in square roots of counts."""
        return probe_with_counts(self.network.probe.detach().cpu().numpy(), self.mean_counts)


def build_module(config: TrainingConfig, execution: PyTorchExecutionConfig, mixed: bool) -> TrainingModule:
    """Return an untrained module; the default schedule is a warm-up, then a cosine."""
    network = PtychoNetwork(config)
    network.mixed = mixed
    schedule = own_schedule(execution, config.nepochs)
    return TrainingModule(network, config, schedule=schedule, learning_rate=execution.learning_rate)


def train_network(
    job: TrainingJob,
    report: Report,
    should_stop: Stop,
    build: ModuleBuilder = build_module,
    start: PtychoNetwork | None = None,
    save: Callable[[TrainedNetwork], None] | None = None,
) -> TrainedNetwork:
    """Train a network until the last epoch, the time limit, early stopping or a stop request.

    ``build`` creates the module; ``start`` is a network with the initial weights; ``save`` is called from time to time
    to save the best weights.

    Raises
    ------
    DataError, ConfigError
        The scan does not match the settings, or a setting cannot be used.
    """
    prepared = PreparedJob.prepare(job, report, should_stop)
    config, execution, groups = job.config, prepared.execution, prepared.groups
    processes = Processes.from_config(execution)
    pl.seed_everything(config.seed, workers=True, verbose=False)
    device = choose_device(execution.accelerator)
    module = build(config, execution, use_bfloat16(execution.precision, device))
    network = module.network
    if start is not None:
        network.take_weights(start)
    module.set_probe(prepared.probe)
    module.mean_counts = job.train_data.mean_counts()
    module.shape = groups.shape

    def trained(history: History) -> TrainedNetwork:
        return TrainedNetwork(module, history)

    course = TrainingCourse(prepared, TorchPredict(network, live=True), trained, save, processes.is_main)
    module.progress = lambda: course.clock.progress
    # Show Lightning's warnings, but not its notes on hardware and products.
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    callbacks = [Reporter(course.watch), BestWeights(), *_stopping_callbacks(prepared, module)]
    trainer = build_trainer(job.output_dir, execution, config.nepochs, device, callbacks, processes)

    course.start()
    with warnings.catch_warnings():
        # Lightning advises more loader processes and log steps; batches come from memory here.
        warnings.filterwarnings("ignore", module="lightning")
        trainer.fit(module, datamodule=GroupDataModule(groups, execution, processes.world))
    network.cpu().eval()
    return course.finish()


def _stopping_callbacks(prepared: PreparedJob, module: TrainingModule) -> list[pl.Callback]:
    """Return the callbacks for early stopping and checkpoints, both based on the metric in the settings."""
    execution, last = prepared.execution, module.loss_name
    names = {"val_loss": module.val_loss_name if prepared.validates else last, "train_loss": last}
    metric = names.get(execution.checkpoint_monitor_metric, execution.checkpoint_monitor_metric)
    mode, patience = execution.checkpoint_mode, execution.early_stop_patience
    callbacks: list[pl.Callback] = [EarlyStopping(metric, patience=patience, mode=mode, strict=False)]
    if execution.enable_checkpointing:
        callbacks.append(build_checkpoint(prepared.job.output_dir, execution, metric))
    return callbacks


def build_trainer(
    output_dir: Path,
    execution: PyTorchExecutionConfig,
    epochs: int,
    device: torch.device,
    callbacks: list[pl.Callback],
    processes: Processes = _ALONE,
) -> pl.Trainer:
    """Return a Lightning trainer that writes its files into ``output_dir``."""
    clip, on_gpu = execution.gradient_clip_val, device.type == "cuda"
    return pl.Trainer(
        max_epochs=epochs,
        accelerator=device.type,
        devices=processes.per_node,
        num_nodes=processes.nodes,
        strategy="ddp" if execution.strategy == "auto" and processes.world > 1 else execution.strategy,
        deterministic="warn" if execution.deterministic and on_gpu else execution.deterministic,
        accumulate_grad_batches=execution.accum_steps,
        gradient_clip_val=GRADIENT_CLIP if clip is None else clip,
        logger=build_logger(output_dir, execution.logger_backend),
        enable_checkpointing=execution.enable_checkpointing,
        enable_progress_bar=execution.enable_progress_bar,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        reload_dataloaders_every_n_epochs=1,
        default_root_dir=output_dir,
        callbacks=callbacks,
    )
