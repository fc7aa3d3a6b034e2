"""Train a model on one scan."""

from __future__ import annotations

import logging
import time
import warnings
from dataclasses import dataclass

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping
from numpy.typing import NDArray

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.epoch_groups import EpochGroups
from ptychopinn.backends.job_checks import check_job, judge_object
from ptychopinn.backends.preview import Previewer
from ptychopinn.backends.torch.callbacks import BestWeights, Reporter
from ptychopinn.backends.torch.checkpoints import build_checkpoint
from ptychopinn.backends.torch.datamodule import GroupDataModule
from ptychopinn.backends.torch.inference import TorchPredict
from ptychopinn.backends.torch.lightning_module import TrainingModule
from ptychopinn.backends.torch.loggers import build_logger
from ptychopinn.backends.torch.network import PtychoNetwork
from ptychopinn.backends.torch.precision import choose_device, use_bfloat16
from ptychopinn.backends.training_watch import Clock, TrainingWatch
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.data.container import GroupedScan
from ptychopinn.physics.scaling import normalise_probe
from ptychopinn.workflow.events import Phase, Report, Stop

_GRADIENT_CLIP = 1.0


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network with what is needed to use it again."""

    network: PtychoNetwork
    probe: NDArray[np.complex64]
    mean_counts: float
    history: History


def train_network(job: TrainingJob, report: Report, should_stop: Stop) -> TrainedNetwork:
    """Train until the epochs, the time, the patience or the user's patience end.

    Raises
    ------
    DataError, ConfigError
        The scan does not fit the settings.
    """
    config, execution = job.config, job.execution or PyTorchExecutionConfig(accelerator="auto")
    check_job(job)
    report(Phase("grouping scan positions"))
    pl.seed_everything(config.seed, workers=True, verbose=False)
    members = config.model.gridsize**2
    scan = GroupedScan.build(job.train_data, members, config.neighbor_count)
    test_scan = GroupedScan.build(job.test_data, members, config.neighbor_count) if job.test_data else None
    groups = EpochGroups(scan, config, job.groups_per_epoch, test_scan)

    report(Phase("building the network"))
    device = choose_device(execution.accelerator)
    probe = normalise_probe(job.train_data.probe_modes, job.train_data.mean_counts())
    network = PtychoNetwork(
        config.model,
        len(probe),
        probe_trainable=config.probe_trainable,
        scale_trainable=config.intensity_scale_trainable,
    )
    network.set_probe(probe)
    network.mixed = use_bfloat16(execution.precision, device)
    seconds = None if config.max_minutes is None else 60 * config.max_minutes
    clock = Clock(config.nepochs, groups.batches_per_epoch, seconds)
    schedule = "Cosine" if execution.scheduler == "Default" else str(execution.scheduler)
    module = TrainingModule(network, config, groups.shape, execution.learning_rate, schedule, lambda: clock.progress)
    previewer = Previewer(TorchPredict(network), scan, members)
    watch = TrainingWatch(clock, report, should_stop, previewer)
    stopping = EarlyStopping("val_loss", patience=execution.early_stop_patience, mode="min", strict=False)
    # Lightning's notes on hardware and products are not the user's; its warnings are.
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    trainer = _trainer(job, execution, device, [Reporter(watch), BestWeights(), stopping])

    report(Phase("training"))
    began = time.monotonic()
    with warnings.catch_warnings():
        # Lightning advises more loader processes and log steps; batches come from memory here.
        warnings.filterwarnings("ignore", module="lightning")
        trainer.fit(module, datamodule=GroupDataModule(groups, execution))
    network.cpu().eval()
    previewer(len(watch.loss))
    history = History(
        tuple(watch.loss),
        tuple(watch.val_loss),
        watch.best_epoch,
        watch.stopped,
        time.monotonic() - began,
        judge_object(previewer.object_, report),
    )
    trained_probe = (network.probe.detach().numpy() * np.float32(scan.root_mean_square)).astype(np.complex64)
    return TrainedNetwork(network, trained_probe, job.train_data.mean_counts(), history)


def _trainer(
    job: TrainingJob, execution: PyTorchExecutionConfig, device: torch.device, callbacks: list[pl.Callback]
) -> pl.Trainer:
    clip = execution.gradient_clip_val
    if execution.enable_checkpointing:
        callbacks = [*callbacks, build_checkpoint(job.output_dir, execution)]
    return pl.Trainer(
        max_epochs=job.config.nepochs,
        accelerator=device.type,
        devices=1,
        strategy=execution.strategy,
        deterministic="warn" if execution.deterministic and device.type == "cuda" else execution.deterministic,
        accumulate_grad_batches=execution.accum_steps,
        gradient_clip_val=_GRADIENT_CLIP if clip is None else clip,
        logger=build_logger(job.output_dir, execution.logger_backend),
        enable_checkpointing=execution.enable_checkpointing,
        enable_progress_bar=execution.enable_progress_bar,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        reload_dataloaders_every_n_epochs=1,
        default_root_dir=job.output_dir,
        callbacks=callbacks,
    )
