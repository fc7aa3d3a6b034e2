"""Checks of the configuration: forms show every problem; elsewhere, the first problem raises an error."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.ranges import field_problems, problem, refuse
from ptychopinn.config.training import TrainingConfig
from ptychopinn.files.names import MODEL_FILE


def model_problems(config: ModelConfig) -> dict[str, str]:
    """Map each unusable field of a model configuration to a sentence that describes the problem."""
    return field_problems(config)


def training_problems(config: TrainingConfig) -> dict[str, str]:
    """Map each unusable field of a training configuration to a sentence about the problem; the model is not checked."""
    problems = field_problems(config)

    def add(name: str, value: float, expected: str, remedy: str) -> None:
        problems.setdefault(name, problem(name, value, expected, remedy))

    size = 0 if "batch_size" in problems else int(config.batch_size)
    if size & (size - 1):
        add("batch_size", size, "a power of two", f"Set it to {2 ** (size.bit_length() - 1)}.")
    weight = config.realspace_mae_weight
    if not {"realspace_mae_weight", "realspace_weight"} & set(problems) and weight > 0 >= config.realspace_weight:
        add("realspace_mae_weight", weight, "0 if realspace_weight is 0", "Set realspace_weight above 0 as well.")
    if config.nll_weight == 0 and config.mae_weight == 0 and config.torch_loss_mode == "poisson":
        add("nll_weight", 0, "a positive weight if mae_weight is 0", "Set at least one of the two weights above 0.")
    return problems


def own_training_problems(config: TrainingConfig) -> dict[str, str]:
    """Return the result of :func:`training_problems`, with an additional problem if ``positions_provided`` is False.

    Only our own entry points reject False. Host programs may set False, but the positions of the scan are used anyway.
    """
    problems = training_problems(config)
    if not config.positions_provided:
        remedy = "Use a scan with measured positions, and set positions_provided to True."
        problems["positions_provided"] = problem(
            "positions_provided", False, "True, because groups are formed from positions", remedy
        )
    return problems


def inference_problems(config: InferenceConfig) -> dict[str, str]:
    """Map each unusable field of an inference configuration to a sentence that describes the problem."""
    problems = field_problems(config)
    if not _holds_archive(Path(config.model_path)):
        problems["model_path"] = (
            f"model_path is {config.model_path}, which has no {MODEL_FILE}; expected a trained model. "
            "Choose the archive or the output folder of a training run."
        )
    return problems


def execution_problems(config: PyTorchExecutionConfig) -> dict[str, str]:
    """Map each unusable or ineffective field of an execution configuration to a sentence about the problem."""
    problems = field_problems(config)
    if config.num_workers == 0:
        for name in ("persistent_workers", "prefetch_factor"):
            value = getattr(config, name)
            if value:
                unset = False if value is True else "no value"
                problems.setdefault(
                    name, problem(name, value, f"{unset} if num_workers is 0", "Set num_workers above 0 as well.")
                )
    return problems


def validate_model_config(config: ModelConfig) -> None:
    """Raise :class:`ConfigError` (a ValueError) naming the first field that cannot be used."""
    refuse(model_problems(config))


def validate_training_config(config: TrainingConfig) -> None:
    """Raise :class:`ConfigError` (a ValueError) naming the first field that cannot be used, including model fields."""
    refuse({**model_problems(config.model), **training_problems(config)})


def validate_own_training(config: TrainingConfig) -> None:
    """Raise :class:`ConfigError` like :func:`validate_training_config`, and also if ``positions_provided`` is False."""
    refuse({**model_problems(config.model), **own_training_problems(config)})


def validate_inference_config(config: InferenceConfig) -> None:
    """Raise :class:`ConfigError` (a ValueError) naming the first field that cannot be used, including model fields."""
    refuse({**model_problems(config.model), **inference_problems(config)})


def _holds_archive(path: Path) -> bool:
    if path.is_dir():
        return (path / MODEL_FILE).exists() or (path / "manifest.dill").exists()
    return path.is_file()
