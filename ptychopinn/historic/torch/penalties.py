"""Additional losses on the predicted object and the probe, according to the torch model settings."""

from __future__ import annotations

import torch
from torch import Tensor

from ptychopinn.backends.torch.losses import total_variation
from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import one_of


def object_penalty(model: torch_configs.ModelConfig, canvas: Tensor, dose: Tensor) -> Tensor:
    """Return the weighted sum of the penalties on amplitude and phase.

    Parameters
    ----------
    model : ModelConfig
        Selects the penalties with ``amp_loss``, ``phase_loss`` and ``amplitude_variance_loss``, and sets their weights.
    canvas : tensor (group, rows, columns), complex
    dose : tensor (group, rows, columns)
        Weight of each pixel.
    """
    total = torch.zeros((), device=dose.device)
    amplitude = canvas.abs()
    if model.amp_loss:
        total = total + model.amp_loss_coeff * _roughness(model.amp_loss, amplitude, dose, "amp_loss")
    if model.phase_loss:
        # The angle jumps at pi; the unit phasor does not.
        phasor = canvas / amplitude.clamp_min(1e-6)
        total = total + model.phase_loss_coeff * _roughness(model.phase_loss, phasor, dose, "phase_loss")
    if model.amplitude_variance_loss:
        variance = _mean((amplitude - _mean(amplitude, dose)).square(), dose)
        total = total + model.amplitude_variance_coeff * variance.mean()
    return total


def probe_penalty(probe: Tensor, reference: Tensor) -> Tensor:
    """Return the squared difference between a probe (mode, N, N) and its guess, divided by the guess's power."""
    power = torch.view_as_real(reference).square().sum().clamp_min(1e-12)
    return torch.view_as_real(probe - reference).square().sum() / power


def _roughness(kind: str, values: Tensor, dose: Tensor, name: str) -> Tensor:
    if one_of(f"ModelConfig.{name}", kind, ("Total_Variation", "Mean_Deviation")) == "Total_Variation":
        return total_variation(values, dose)
    return _mean((values - _mean(values, dose)).abs(), dose).mean()


def _mean(values: Tensor, dose: Tensor) -> Tensor:
    """Return the dose-weighted mean over the pixels of each group (group, 1, 1)."""
    weight = dose / dose.sum(dim=(-2, -1), keepdim=True).clamp_min(1e-12)
    return (weight * values).sum(dim=(-2, -1), keepdim=True)
