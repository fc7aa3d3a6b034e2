"""Values and problems of all settings, and the configurations built from them (no Qt)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import FieldInfo, choices, describe
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.presets import own_execution_defaults, own_model_defaults, own_training_defaults
from ptychopinn.config.training import TrainingConfig
from ptychopinn_app.binder.values import Invalid
from ptychopinn_app.job_settings.sections import BY_NAME, SECTIONS

DEFAULT_BACKEND = str(own_training_defaults().get("backend", "pytorch"))
# Reconstruction groups positions as training does, so it has the same defaults.
_OWN_DEFAULTS: dict[str, Any] = {
    "model": own_model_defaults,
    "training": own_training_defaults,
    "inference": own_training_defaults,
    "execution": own_execution_defaults,
}


class JobSettings:
    """Field values by section, including invalid ones, so that the form can show them."""

    def __init__(self) -> None:
        self.defaults = {section.name: _defaults(section.name) for section in SECTIONS}
        self.reset()

    def reset(self) -> None:
        """Reset every setting to its default."""
        self._values: dict[str, dict[str, object]] = {name: dict(values) for name, values in self.defaults.items()}
        self.backend = DEFAULT_BACKEND
        self.device_index = ""

    def copy(self) -> JobSettings:
        """Return an independent copy."""
        return deepcopy(self)

    def values(self, section: str) -> Mapping[str, object]:
        """Return the values of a section, field -> value."""
        return self._values[section]

    def set(self, section: str, field: str, value: object) -> None:
        """Change one value.

        Raises
        ------
        KeyError
            The section has no such field.
        """
        if field not in self._values[section]:
            raise KeyError(f"Section '{section}' has no setting '{field}'.")
        self._values[section][field] = value

    def problems(self, section: str) -> dict[str, str]:
        """Map each invalid field of a section to a sentence that describes the problem."""
        unread = {name: value.sentence for name, value in self._values[section].items() if isinstance(value, Invalid)}
        try:
            problems = BY_NAME[section].problems(self._build(section))
        except (ValueError, TypeError) as error:
            # The errors of the configurations start with the name of the field.
            field = str(error).split(" ", 1)[0]
            problems = {field if field in self._values[section] else "": str(error)}
        hidden = BY_NAME[section].hidden
        return {name: _as_shown(section, text) for name, text in (problems | unread).items() if name not in hidden}

    def changed(self, section: str) -> int:
        """Return the number of values that differ from their defaults."""
        defaults = self.defaults[section]
        return sum(value != defaults[name] for name, value in self._values[section].items())

    def training(self, train_file: Path, test_file: Path | None, output_dir: Path, units: str) -> TrainingConfig:
        """Build the configuration for a training run."""
        files = {"train_data_file": train_file, "test_data_file": test_file, "output_dir": output_dir}
        model, backend = self._build("model"), self.backend
        return self._build("training", model=model, backend=backend, diff3d_units=units, **files)

    def inference(
        self, model_path: Path, data_file: Path, output_dir: Path, units: str, backend: str
    ) -> InferenceConfig:
        """Build the configuration for a reconstruction; `backend` is the model's backend."""
        files = {"model_path": model_path, "test_data_file": data_file, "output_dir": output_dir}
        model = self._build("model")
        return self._build("inference", model=model, backend=backend, diff3d_units=units, **files)

    def execution(self, backend: str) -> PyTorchExecutionConfig:
        """Build the execution settings; those that the form hides for `backend` keep their defaults."""
        if backend == "pytorch":
            return self._build("execution")
        accelerator = self.values("execution")["accelerator"]
        return PyTorchExecutionConfig(**{**own_execution_defaults(), "accelerator": accelerator})

    @property
    def gridsize(self) -> int:
        """Grid size of a group; 1 if the field does not contain a valid number."""
        value = self._values["model"].get("gridsize")
        return value if isinstance(value, int) and value > 0 else 1

    @property
    def refine(self) -> IterativeConfig | None:
        """Settings for refining the network's result; None if no refinement is requested."""
        sweeps = self._values["inference"]["refine_sweeps"]
        return self.iterations(sweeps) if isinstance(sweeps, int) and sweeps > 0 else None

    def iterations(self, sweeps: int) -> IterativeConfig:
        """Build the settings for the iterative engine."""
        return self._build("iterations", sweeps=sweeps)

    def to_table(self) -> dict[str, object]:
        """Return the backend and the values that differ from their defaults."""
        table: dict[str, object] = {"backend": self.backend}
        for name, values in self._values.items():
            changed = {key: value for key, value in values.items() if value != self.defaults[name][key]}
            table[name] = {key: value for key, value in changed.items() if not isinstance(value, Invalid)}
        return table

    def restore(self, table: Mapping[str, object]) -> list[str]:
        """Set the values from a table made by `to_table`; skip unknown or invalid entries and return their names."""
        skipped = []
        for name, entry in table.items():
            if name == "backend" and entry in backends():
                self.backend = str(entry)
            elif name in self._values and isinstance(entry, Mapping):
                skipped += [f"{name}.{key}" for key, value in entry.items() if not self._restore(name, str(key), value)]
            else:
                skipped.append(name)
        return skipped

    def _restore(self, section: str, field: str, value: object) -> bool:
        """Set one value if it has the field's type and causes no problem; return whether it was set."""
        info = next((info for info in _all_fields(section) if info.name == field), None)
        if info is None or field not in self._values[section]:
            return False
        if info.type is Path and isinstance(value, str):
            value = Path(value)
        if not _fits(value, info):
            return False
        before = self._values[section][field]
        self._values[section][field] = value
        if field in self.problems(section):
            self._values[section][field] = before
            return False
        return True

    def _build(self, section: str, **others: Any) -> Any:
        extra = {info.name for info in BY_NAME[section].extra}
        values = {
            name: self.defaults[section][name] if isinstance(value, Invalid) else value
            for name, value in self._values[section].items()
            if name not in extra
        }
        return BY_NAME[section].build(**(values | others))


def backends() -> tuple[str, ...]:
    """Return the names of the backends that the training configuration accepts."""
    return choices(TrainingConfig, "backend") or ()


def _defaults(section: str) -> dict[str, object]:
    """Return the defaults of a section: those of the dataclass, overridden by the application's own."""
    hidden = BY_NAME[section].hidden - {"accelerator"}
    plain = {info.name: info.default for info in _all_fields(section) if info.name not in hidden}
    own = _OWN_DEFAULTS.get(section)
    return plain | {name: value for name, value in (own() if own else {}).items() if name in plain}


def _all_fields(section: str) -> tuple[FieldInfo, ...]:
    return (*describe(BY_NAME[section].cls), *BY_NAME[section].extra)


def _as_shown(section: str, sentence: str) -> str:
    """Replace field names in a sentence with the form's labels."""
    labels = {info.name: info.label for info in BY_NAME[section].fields()}
    first, _, rest = sentence.partition(" ")
    # Words such as 'seed' are field names too, but only at the start of the sentence.
    words = [labels[word].lower() if "_" in word and word in labels else word for word in rest.split(" ")]
    return " ".join([labels.get(first, first), *words])


def _fits(value: object, info: FieldInfo) -> bool:
    if value is None:
        return info.optional
    if info.choices is not None:
        return value in info.choices
    if info.type in (int, float):
        return isinstance(value, int | info.type) and not isinstance(value, bool)
    return isinstance(info.type, type) and isinstance(value, info.type)
