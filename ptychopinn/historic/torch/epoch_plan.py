"""The stages of a training run: which parts of the network are trained, how fast, and on which loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ptychopinn.historic.torch import config_params as torch_configs
from ptychopinn.historic.torch.config_bridge import one_of

PARTS = ("encoder_bottom", "encoder_top", "decoder", "phase_head", "scale")


@dataclass(frozen=True)
class Stage:
    """One stage of a training run.

    Attributes
    ----------
    epochs : int
    rates : dict
        Learning-rate factor of each part of the network; other parts are frozen. None means a factor of 1 for all.
    physics : (float, float)
        Weight of the configured loss at the start and at the end of the stage; the remaining weight goes to the loss
        that compares only the shapes of the patterns.
    scheduled : bool
        Whether the learning-rate schedule applies.
    patience : int or None
        Number of epochs without a better validation loss after which the stage ends early; None means never.
    """

    epochs: int
    rates: dict[str, float] | None = None
    physics: tuple[float, float] = (1.0, 1.0)
    scheduled: bool = False
    patience: int | None = None


class EpochPlan:
    """The consecutive stages of a training run; epochs are counted from 0."""

    def __init__(self, stages: list[Stage], ramp: str = "cosine") -> None:
        one_of("physics_weight_schedule", ramp, ("cosine", "linear", "exponential"))
        self.stages = [stage for stage in stages if stage.epochs > 0] or [Stage(max(stages[0].epochs, 1))]
        self.ramp = ramp
        self._starts = [sum(stage.epochs for stage in self.stages[:number]) for number in range(len(self.stages))]
        self._best, self._waited = math.inf, 0

    @classmethod
    def from_settings(cls, training: torch_configs.TrainingConfig) -> EpochPlan:
        """Return the plan for torch training settings."""
        three = (training.stage_1_epochs, training.stage_2_epochs, training.stage_3_epochs)
        if any(three):
            slow = dict.fromkeys(PARTS, training.stage_3_lr_factor)
            main = [
                Stage(three[0], physics=(0.0, 0.0), scheduled=True),
                Stage(three[1], physics=(0.0, 1.0), scheduled=True),
                Stage(three[2], rates=slow, scheduled=True),
            ]
        else:
            main = [Stage(training.epochs, scheduled=True)]
        fine = [Stage(training.epochs_fine_tune, dict.fromkeys(PARTS, training.fine_tune_gamma))]
        return cls(main + fine + _unfreezing(training), training.physics_weight_schedule)

    @property
    def total(self) -> int:
        """Number of epochs in all stages; it decreases when a stage ends early."""
        return self._starts[-1] + self.stages[-1].epochs

    @property
    def scheduled(self) -> int:
        """Number of epochs that the learning-rate schedule covers."""
        return sum(stage.epochs for stage in self.stages if stage.scheduled) or 1

    @property
    def plain(self) -> bool:
        """Whether there is a single stage in which all parts are trained."""
        return len(self.stages) == 1 and self.stages[0].rates is None

    def stage(self, epoch: int) -> Stage:
        """Return the stage of an epoch."""
        return self.stages[self._number(epoch)]

    def rate(self, epoch: int, part: str) -> float:
        """Return the learning-rate factor of a part of the network."""
        rates = self.stage(epoch).rates
        return 1.0 if rates is None else rates.get(part, 0.0)

    def physics_weight(self, epoch: int) -> float:
        """Return the weight of the configured loss, 0 to 1."""
        number = self._number(epoch)
        first, last = self.stages[number].physics
        done = (epoch - self._starts[number] + 1) / self.stages[number].epochs
        shapes = {
            "linear": done,
            "cosine": 0.5 * (1 - math.cos(math.pi * done)),
            "exponential": math.expm1(3 * done) / math.expm1(3),
        }
        return first + (last - first) * min(shapes[self.ramp], 1.0)

    def judge(self, epoch: int, loss: float) -> None:
        """Record the validation loss of an epoch; end the stage if its patience is exhausted."""
        number = self._number(epoch)
        stage = self.stages[number]
        if epoch == self._starts[number]:
            self._best, self._waited = math.inf, 0
        self._waited = 0 if loss < self._best else self._waited + 1
        self._best = min(self._best, loss)
        if stage.patience is not None and self._waited >= stage.patience:
            saved = self._starts[number] + stage.epochs - epoch - 1
            self._starts[number + 1 :] = [start - saved for start in self._starts[number + 1 :]]
            self.stages[number] = Stage(epoch + 1 - self._starts[number], stage.rates, patience=stage.patience)

    def _number(self, epoch: int) -> int:
        return max(number for number, start in enumerate(self._starts) if start <= max(epoch, 0))


def _unfreezing(training: torch_configs.TrainingConfig) -> list[Stage]:
    """Return the stages of fine-tuning, which unfreeze the network from its output to its input."""
    if not training.enable_staged_finetuning:
        return []
    rates = [
        dict.fromkeys(("decoder", "phase_head"), training.finetune_stage1_lr_decoder),
        {part: getattr(training, f"finetune_stage2_lr_{part}") for part in PARTS[1:4]},
        {part: getattr(training, f"finetune_stage3_lr_{part}") for part in PARTS[:4]},
    ]
    epochs = [training.finetune_stage1_epochs, training.finetune_stage2_epochs, training.finetune_stage3_epochs]
    stages = [
        Stage(*stage, patience=training.finetune_early_stop_patience) for stage in zip(epochs, rates, strict=True)
    ]
    return stages[:2] if training.finetune_skip_stage3 else stages


def part_of(name: str, levels: int) -> str:
    """Return the network part that a weight belongs to, from a name such as ``network.encoder.blocks.0.0.weight``.

    The encoder has ``levels`` blocks; the first half of them is ``encoder_bottom``.
    """
    words = name.split(".")
    if words[0] != "network":
        return "scale"
    if words[1] == "encoder":
        number = next((int(word) for word in words[2:] if word.isdigit()), levels) if words[2] != "last" else levels
        return "encoder_bottom" if number < levels // 2 else "encoder_top"
    head = words[1] == "head" or (words[1] == "phase" and words[2] in ("centre", "outer"))
    return "phase_head" if head else "decoder"
