"""The Lightning module of historic programs: built from four settings, predicts patches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from ptychopinn.backends.method import canvas_side
from ptychopinn.backends.stored_settings import plain_settings, settings_from_plain
from ptychopinn.backends.torch.checkpoints import read_checkpoint
from ptychopinn.backends.torch.cnn_options import CnnOptions
from ptychopinn.backends.torch.lightning_module import TrainingModule
from ptychopinn.backends.torch.network import PtychoNetwork, relative_probe
from ptychopinn.config.training import TrainingConfig
from ptychopinn.historic.torch import config_params as legacy_configs
from ptychopinn.historic.torch.settings import TorchSettings, configuration_of, plain_value, settings_of
from ptychopinn.log_errors import log_errors

# Patterns come with a mean summed intensity of (N/2) squared; the network's have N squared.
_INPUT_GAIN = 2.0
_FOUR = ("data_config", "model_config", "training_config", "inference_config")
_CONSTRUCTOR = (*_FOUR, "training", "modes", "mean_counts", "mixed")
# Canvases of predictions are at most this many times as wide as a pattern.
_WIDEST = 4


class PtychoPINN_Lightning(TrainingModule):  # noqa: N801 - the historic name
    """A model that Lightning trains and that its checkpoint alone brings back.

    Parameters
    ----------
    model_config, data_config, training_config, inference_config : settings or mappings
        Of :mod:`ptychopinn.historic.torch.config_params`; None takes the defaults.
    training : TrainingConfig or mapping or None
        The configuration itself, where there is one; None derives it from the four settings.
    modes : int
        Probe modes.
    mean_counts : float
        Mean summed counts per pattern of the training scan; 0 before training.

    Attributes
    ----------
    model_config, data_config, training_config, inference_config
        As given.
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
        four = (data_config, model_config, training_config, inference_config)
        given = None if training is None else _configuration(training)
        if given is not None and all(part is None for part in four):
            settings = settings_of(given)
        else:
            settings = TorchSettings.of(*four)
        config = configuration_of(settings) if given is None else given
        mask = settings.model.probe_mask
        network = PtychoNetwork(
            config.model,
            modes,
            probe_trainable=config.probe_trainable or settings.model.probe_reference_coeff > 0,
            scale_trainable=config.intensity_scale_trainable,
            mask=mask.detach().clone() if isinstance(mask, Tensor) else None,
            options=CnnOptions.of(settings.model, settings.data),
        )
        network.mixed = mixed
        super().__init__(network, config, settings)
        self.mean_counts = mean_counts
        self.given = given

    @property
    def model_config(self) -> legacy_configs.ModelConfig:
        """Network, object, probe and losses."""
        return self.settings.model

    @property
    def data_config(self) -> legacy_configs.DataConfig:
        """Patterns and neighbours."""
        return self.settings.data

    @property
    def training_config(self) -> legacy_configs.TrainingConfig:
        """Optimiser, schedule, devices."""
        return self.settings.training

    @property
    def inference_config(self) -> legacy_configs.InferenceConfig:
        """Prediction and stitching."""
        return self.settings.inference

    def hyper_parameters(self) -> dict[str, Any]:
        """Return everything but the weights, as plain values: the constructor takes it back."""
        return {
            **self.settings.plain(),
            "training": None if self.given is None else plain_value(plain_settings(self.given)),
            "modes": int(self.network.probe_parts.shape[0]),
            "mean_counts": float(self.mean_counts),
            "mixed": bool(self.network.mixed),
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Put the hyper parameters beside the weights."""
        checkpoint["hyper_parameters"] = self.hyper_parameters()

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
        """Open a checkpoint on the CPU, in evaluation mode; nothing in it is executed.

        Parameters
        ----------
        checkpoint_path : path or file
        strict : bool or None
            False tolerates weights that do not fit.
        settings
            Settings that replace those of the checkpoint.
        """
        checkpoint = read_checkpoint(checkpoint_path)
        return cls.from_checkpoint(checkpoint, strict=strict is not False, **settings)

    @classmethod
    def from_checkpoint(
        cls, checkpoint: Mapping[str, Any], *, strict: bool = True, **settings: Any
    ) -> PtychoPINN_Lightning:
        """Return the module of a loaded checkpoint; see :meth:`load_from_checkpoint`."""
        weights = dict(checkpoint["state_dict"])
        if "probe_parts" in weights:  # weights of the network alone
            weights = {f"network.{name}": value for name, value in weights.items()}
        known = {**checkpoint["hyper_parameters"], "modes": int(weights["network.probe_parts"].shape[0])}
        taken: dict[str, Any] = {name: settings.get(name, known[name]) for name in _CONSTRUCTOR if name in known}
        module = cls(**taken)
        module.load_state_dict(weights, strict=strict)
        return module.eval()

    def set_probe(self, probe: Any) -> None:
        """Take a probe (mode, N, N) or (N, N), whatever its power, for training and as the default."""
        self.take_probe(self.relative_probe(probe))

    def take_probe(self, probe: Any) -> None:
        """Take a probe (mode, N, N) in the network's units, in which the patterns have a power of N * N."""
        parts = torch.view_as_real(as_tensor(probe).to(torch.complex64).contiguous())
        self.network.probe_parts.data = parts.to(self.network.probe_parts.device)
        self.probe_guess = torch.view_as_complex(self.network.probe_parts.detach().clone())

    def forward(self, x: Tensor, positions: Tensor, probe: Tensor, input_scale_factor: Tensor) -> tuple[Tensor, Tensor]:
        """Return the expected amplitude (group, channel, N, N), as ``x`` scaled, and the object patches.

        Parameters
        ----------
        x, positions, probe, input_scale_factor
            See :meth:`forward_predict`.
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
            Diffraction amplitude; times its scale, the summed intensity of a pattern has a mean of (N/2) squared.
        positions : tensor (group, channel, 1, 2), float32
            [x, y] from each scan position to the middle of its group, in pixels.
        probe : tensor (N, N) or (mode, N, N), complex
            Its power does not matter. Further leading axes may repeat it for every pattern; the first counts.
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
        factor = as_tensor(scale).to(device, torch.float32)
        factor = factor.reshape(groups, -1, 1, 1) if factor.numel() % groups == 0 else factor.reshape(1, -1, 1, 1)
        amplitude = _INPUT_GAIN * x.to(device, torch.float32) * factor
        # From the point to the centre, [x, y]; inside, from the centre to the point, (y, x).
        offsets = -as_tensor(positions).to(device, torch.float32).reshape(groups, channels, 2).flip(-1)
        reach = min(float(offsets.abs().max()), (_WIDEST - 1) * n / 2)
        side = canvas_side(n, reach)
        return self.network(amplitude, offsets, (side, side), self.relative_probe(probe))

    def relative_probe(self, probe: Any) -> Tensor:
        """Return a probe (mode, N, N) or (N, N) in the network's units, on its device."""
        return relative_probe(one_probe(as_tensor(probe)).to(self.network.log_scale.device))


def _configuration(training: TrainingConfig | Mapping[str, Any]) -> TrainingConfig:
    return training if isinstance(training, TrainingConfig) else settings_from_plain(dict(training))


def one_probe(probe: Tensor) -> Tensor:
    """Return a probe as (mode, N, N): the first one of those that leading axes repeat for every pattern."""
    while probe.ndim > 3:
        probe = probe[0]
    return probe.reshape(-1, *probe.shape[-2:])


def as_tensor(value: Any) -> Tensor:
    """Return a value as a tensor."""
    return value if isinstance(value, Tensor) else torch.as_tensor(value)
