"""The Lightning module of historic programs, which is built from four settings objects and predicts patches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from ptychopinn.backends.schedules import RateSchedule
from ptychopinn.backends.stored_settings import plain_settings, settings_from_plain
from ptychopinn.backends.torch.cnn_options import CnnOptions
from ptychopinn.backends.torch.datamodule import GroupBatch
from ptychopinn.backends.torch.lightning_module import RateRule, TrainingModule
from ptychopinn.backends.torch.losses import amplitude_error, object_error
from ptychopinn.backends.torch.network import GroupObject, PtychoNetwork, relative_probe
from ptychopinn.backends.torch.saving import read_checkpoint, weights_by_module
from ptychopinn.backends.torch.training import ModuleBuilder
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.container import canvas_side
from ptychopinn.historic.torch.epoch_plan import EpochPlan, part_of
from ptychopinn.historic.torch.penalties import object_penalty, probe_penalty
from ptychopinn.historic.torch.scan_data import ScanBatch
from ptychopinn.historic.torch.settings import TorchSettings, configuration_of, settings_of
from ptychopinn.log_errors import log_errors

# Patterns come with a mean summed intensity of (N/2) squared; the network's have N squared.
_INPUT_GAIN = 2.0
_FOUR = ("data_config", "model_config", "training_config", "inference_config")
_CONSTRUCTOR = (*_FOUR, "training", "modes", "mean_counts", "mixed")
# Canvases of predictions are at most this many times as wide as a pattern.
_WIDEST = 4


class PtychoPINN_Lightning(TrainingModule):  # noqa: N801 - the historic name
    """A model trained by Lightning; its checkpoint alone is enough to restore it.

    Parameters
    ----------
    model_config, data_config, training_config, inference_config : settings, mappings or None
        Settings of :mod:`ptychopinn.historic.torch.config_params`; None uses the defaults.
    training : TrainingConfig or mapping or None
        The configuration; None derives it from the four settings.
    modes : int
        Number of probe modes.
    mean_counts : float
        Mean summed counts per pattern of the training scan; 0 before training.

    Attributes
    ----------
    plan : EpochPlan
        Stages of the training.
    physics_weight : float
        Weight of the loss on absolute intensities, 0 to 1; the remaining weight goes to the loss that compares only
        the shapes of the patterns.
    """

    def __init__(
        self,
        model_config: Any = None,
        data_config: Any = None,
        training_config: Any = None,
        inference_config: Any = None,
        *,
        training: TrainingConfig | Mapping[str, Any] | None = None,
        modes: int = 1,
        mean_counts: float = 0.0,
        mixed: bool = False,
    ) -> None:
        parts = (data_config, model_config, training_config, inference_config)
        configured = settings_from_plain(training) if isinstance(training, Mapping) else training
        if configured is not None and parts == (None,) * 4:
            settings = settings_of(configured)
        else:
            settings = TorchSettings.from_parts(*parts)
        config = configured or configuration_of(settings)
        mask = settings.model.probe_mask
        network = PtychoNetwork(
            config,
            modes,
            probe_trainable=settings.model.probe_reference_coeff > 0,
            mask=mask.detach().clone() if isinstance(mask, Tensor) else None,
            options=CnnOptions.from_stored(vars(settings.model), vars(settings.data)),
        )
        network.mixed = mixed
        plan, stored = EpochPlan.from_settings(settings.training), settings.training
        schedule = RateSchedule(stored.scheduler, plan.scheduled, stored.warmup_epochs, stored.min_lr_ratio)
        super().__init__(
            network, config, mean_counts=mean_counts, schedule=schedule, learning_rate=stored.learning_rate
        )
        self.settings, self.plan, self.configured = settings, plan, configured
        self.data_config, self.model_config, self.training_config, self.inference_config = settings
        self.probe_guess: Tensor | None = None
        self.physics_weight = 1.0

    @property
    def train_loss_name(self) -> str:
        """Alias of :attr:`loss_name`."""
        return self.loss_name

    def hyper_parameters(self) -> dict[str, Any]:
        """Return the constructor arguments as plain values; with the weights, they restore the model."""
        training = None if self.configured is None else plain_settings(self.configured)
        return {**super().hyper_parameters(), **self.settings.plain(), "training": training}

    def predict(self, batch: GroupBatch | ScanBatch) -> GroupObject:
        """Predict the object of a batch; with several scans, each batch uses the probe of its scan."""
        probe = batch.probe if isinstance(batch, ScanBatch) and len(batch.probe) else None
        result: GroupObject = self.network(batch.amplitude, batch.offsets_px, self.shape, probe)
        return result

    def training_step(self, batch: GroupBatch, index: int) -> Tensor:
        """Return the loss of a batch, with the physics weight that the plan sets for this epoch."""
        self.physics_weight = self.plan.physics_weight(self.current_epoch)
        try:
            return super().training_step(batch, index)
        finally:
            self.physics_weight = 1.0

    def penalty(self, result: GroupObject) -> Tensor:
        """Return the weighted sum of the penalties on object and probe."""
        total = object_penalty(self.settings.model, result.canvas, result.layout.dose)
        weight = self.settings.model.probe_reference_coeff
        if weight > 0 and self.probe_guess is not None:
            guess = self.probe_guess.to(result.canvas.device)
            total = total + weight * probe_penalty(torch.view_as_complex(self.network.probe_parts), guess)
        return total

    def pattern_loss(self, measured: Tensor, intensity: Tensor) -> Tensor:
        """Return the loss of modelled patterns; if ``physics_weight`` < 1, part of it ignores their total intensity."""
        whole, weight = super().pattern_loss(measured, intensity), self.physics_weight
        if weight == 1:
            return whole
        power = measured.square().sum(dim=(-2, -1)) / intensity.sum(dim=(-2, -1)).clamp_min(1e-12)
        return weight * whole + (1 - weight) * amplitude_error(measured, intensity * power[:, None, None])

    def object_loss(self, result: GroupObject, truth: Tensor) -> Tensor:
        """Return the loss against the known object, up to a global phase if ``phase_subtraction`` is set."""
        if self.settings.data.phase_subtraction:
            return super().object_loss(result, truth)
        return object_error(result.canvas, truth, result.layout.dose)

    def rate_groups(self) -> list[tuple[list[Tensor], RateRule | None]]:
        """Return the parameters of each network part, with their learning-rate rule (None if the rate is constant)."""
        levels = len(getattr(getattr(self.network.network, "encoder", None), "blocks", ())) or 4
        groups: dict[str, list[Tensor]] = {}
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                groups.setdefault(part_of(name, levels), []).append(parameter)
        constant = self.schedule.constant and self.plan.plain
        return [(parameters, None if constant else self._rate_rule(part)) for part, parameters in groups.items()]

    def _rate_rule(self, part: str) -> RateRule:
        def factor(epoch: int) -> float:
            base = self.schedule.factor(epoch) if self.plan.stage(epoch).scheduled else 1.0
            return base * self.plan.rate(epoch, part)

        return factor

    def on_train_epoch_end(self) -> None:
        """Report the epoch's loss to the plan and the schedule; stop the training at the end of the plan."""
        metrics = self.trainer.callback_metrics
        judged = metrics.get("val_loss", metrics.get("train_loss"))
        if judged is not None:
            self.plan.judge(self.current_epoch, float(judged))
        super().on_train_epoch_end()
        if not self.plan.plain and self.current_epoch + 1 >= self.plan.total:
            self.trainer.should_stop = True

    @classmethod
    @log_errors("ptychopinn-torch")
    def load_from_checkpoint(
        cls,
        checkpoint_path: str | Path | IO[bytes],
        map_location: Any = None,
        hparams_file: Any = None,
        strict: bool | None = None,
        weights_only: bool | None = None,
        **settings: Any,
    ) -> PtychoPINN_Lightning:
        """Open a checkpoint on the CPU, in evaluation mode; no code from the file is run.

        ``strict=False`` tolerates weights that do not match; ``settings`` replaces the settings of the checkpoint.
        """
        return cls.from_checkpoint(read_checkpoint(checkpoint_path), strict=strict is not False, **settings)

    @classmethod
    def from_checkpoint(
        cls, checkpoint: Mapping[str, Any], *, strict: bool = True, **settings: Any
    ) -> PtychoPINN_Lightning:
        """Return the module of a loaded checkpoint; see :meth:`load_from_checkpoint`."""
        weights = weights_by_module(checkpoint["state_dict"])
        stored = {**checkpoint["hyper_parameters"], "modes": int(weights["network.probe_parts"].shape[0])}
        arguments = {name: value for name, value in {**stored, **settings}.items() if name in _CONSTRUCTOR}
        module = cls(**arguments)
        module.load_state_dict(weights, strict=strict)
        return module.eval()

    def set_probe(self, probe: Any) -> None:
        """Set the probe (mode, N, N) or (N, N), of any power, for training and as the default for prediction."""
        self.take_probe(self.relative_probe(probe))

    def take_probe(self, probe: Any) -> None:
        """Set the probe (mode, N, N) in the network's units, in which the mean power of the patterns is N * N."""
        parts = torch.view_as_real(torch.as_tensor(probe).to(torch.complex64).contiguous())
        self.network.probe_parts.data = parts.to(self.network.probe_parts.device)
        self.probe_guess = torch.view_as_complex(self.network.probe_parts.detach().clone())

    def forward(self, x: Tensor, positions: Tensor, probe: Tensor, input_scale_factor: Tensor) -> tuple[Tensor, Tensor]:
        """Return the expected amplitude (group, channel, N, N), scaled like ``x``, and the object patches.

        The parameters are those of :meth:`forward_predict`.
        """
        result = self._predict(x, positions, probe, input_scale_factor)
        amplitude = self.network.patterns(result).clamp_min(0.0).sqrt() / _INPUT_GAIN
        patches = result.layout.extract(result.canvas)
        return amplitude.reshape(x.shape), patches.reshape(x.shape)

    def forward_predict(self, x: Tensor, positions: Tensor, probe: Tensor, input_scale_factor: Tensor) -> Tensor:
        """Predict object patches (API specification, section 4.4.1).

        Parameters
        ----------
        x : tensor (group, channel, N, N), float32
            Diffraction amplitude. After multiplication by ``input_scale_factor``, the summed intensity of a pattern is
            (N/2) squared on average.
        positions : tensor (group, channel, 1, 2), float32
            [x, y] from each scan position to the centre of its group, in pixels.
        probe : tensor (N, N) or (mode, N, N), complex
            Probe of any power. Additional leading axes may repeat it for every pattern; the first copy is used.
        input_scale_factor : tensor (group,) or (group, 1, 1, 1), float32

        Returns
        -------
        tensor (group, channel, N, N), complex64
        """
        training = self.training
        self.eval()
        with torch.no_grad():
            result = self._predict(x, positions, probe, input_scale_factor)
            patches = result.layout.extract(result.canvas).reshape(x.shape)
        self.train(training)
        return patches

    def _predict(self, x: Tensor, positions: Tensor, probe: Tensor, scale: Tensor) -> Any:
        groups, channels, n, _ = x.shape
        device = self.network.log_scale.device
        factor = torch.as_tensor(scale).to(device, torch.float32)
        factor = factor.reshape(groups, -1, 1, 1) if factor.numel() % groups == 0 else factor.reshape(1, -1, 1, 1)
        amplitude = _INPUT_GAIN * x.to(device, torch.float32) * factor
        # From the point to the centre, [x, y]; the network's are from the centre to the point, (y, x).
        offsets = -torch.as_tensor(positions).to(device, torch.float32).reshape(groups, channels, 2).flip(-1)
        reach = min(float(offsets.abs().max()), (_WIDEST - 1) * n / 2)
        side = canvas_side(n, reach)
        return self.network(amplitude, offsets, (side, side), self.relative_probe(probe))

    def relative_probe(self, probe: Any) -> Tensor:
        """Return a probe (mode, N, N) or (N, N) in the units and on the device of the network."""
        probe = torch.as_tensor(probe).to(self.network.log_scale.device)
        while probe.ndim > 3:  # Repeated for every pattern.
            probe = probe[0]
        return relative_probe(probe.reshape(-1, *probe.shape[-2:]))


def module_builder(settings: TorchSettings) -> ModuleBuilder:
    """Return a function that builds the module of a training run from these settings."""

    def build(config: TrainingConfig, execution: PyTorchExecutionConfig, mixed: bool) -> PtychoPINN_Lightning:
        parts = (settings.model, settings.data, settings.training, settings.inference)
        return PtychoPINN_Lightning(*parts, training=config, mixed=mixed)

    return build
