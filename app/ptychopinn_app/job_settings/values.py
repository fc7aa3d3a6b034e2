"""The values of all settings, what is wrong with them, and the configurations built from them (no Qt)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.field import describe
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.presets import own_execution_defaults, own_model_defaults, own_training_defaults
from ptychopinn.config.training import TrainingConfig
from ptychopinn_app.binder.numbers import Invalid
from ptychopinn_app.job_settings.sections import BY_NAME, SECTIONS

BACKEND_NAMES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}
DEFAULT_BACKEND = str(own_training_defaults().get("backend", "pytorch"))
# Reconstruction groups positions as training does, so it starts from the same numbers.
_OWN_DEFAULTS: dict[str, Any] = {
    "model": own_model_defaults,
    "training": own_training_defaults,
    "inference": own_training_defaults,
    "execution": own_execution_defaults,
}


class JobSettings:
    """Field values by section. A value that is not valid yet is kept, so that the form can show it."""

    def __init__(self) -> None:
        self.defaults = {section.name: _defaults(section.name) for section in SECTIONS}
        self._values: dict[str, dict[str, object]] = {}
        self.backend = DEFAULT_BACKEND
        self.device_index = ""
        self.reset()

    def reset(self) -> None:
        """Put everything back to its default."""
        self._values = {name: dict(values) for name, values in self.defaults.items()}
        self.backend = DEFAULT_BACKEND
        self.device_index = ""

    def copy(self) -> JobSettings:
        """Give settings with the same values that change on their own."""
        other = JobSettings()
        other._values = {name: dict(values) for name, values in self._values.items()}
        other.backend, other.device_index = self.backend, self.device_index
        return other

    def values(self, section: str) -> Mapping[str, object]:
        """Give the values of a section."""
        return self._values[section]

    def set(self, section: str, field: str, value: object) -> None:
        """Change one value.

        Raises
        ------
        KeyError
            If the section has no such field.
        """
        if field not in self._values[section]:
            raise KeyError(f"Section '{section}' has no setting '{field}'.")
        self._values[section][field] = value

    def problems(self, section: str) -> dict[str, str]:
        """Give field -> sentence for everything that is wrong in a section."""
        unread = {name: value.sentence for name, value in self._values[section].items() if isinstance(value, Invalid)}
        try:
            found = BY_NAME[section].problems(self._build(section))
        except (ValueError, TypeError) as error:
            # The configurations' own errors begin with the name of the field.
            field = str(error).split(" ", 1)[0]
            found = {field if field in self._values[section] else "": str(error)}
        hidden = BY_NAME[section].hidden
        return {name: _as_shown(section, text) for name, text in (found | unread).items() if name not in hidden}

    def valid(self, *sections: str) -> bool:
        """Whether nothing is wrong in these sections."""
        return not any(self.problems(section) for section in sections)

    def changed(self, section: str) -> int:
        """Count the values that differ from their defaults."""
        defaults = self.defaults[section]
        return sum(value != defaults[name] for name, value in self._values[section].items())

    @property
    def whole_scan(self) -> bool:
        """Whether training takes the whole scan, since no number of groups was set."""
        return self._values["training"].get("n_groups") is None

    def training(self, train_file: Path, test_file: Path | None, output_dir: Path, units: str) -> TrainingConfig:
        """Build the configuration of a training run."""
        config: TrainingConfig = self._build(
            "training",
            model=self._build("model"),
            train_data_file=train_file,
            test_data_file=test_file,
            output_dir=output_dir,
            backend=self.backend,
            diff3d_units=units,
        )
        return config

    def inference(
        self, model_path: Path, data_file: Path, output_dir: Path, units: str, backend: str
    ) -> InferenceConfig:
        """Build the configuration of a reconstruction; the archive decides the backend."""
        config: InferenceConfig = self._build(
            "inference",
            model=self._build("model"),
            model_path=model_path,
            test_data_file=data_file,
            output_dir=output_dir,
            backend=backend,
            diff3d_units=units,
        )
        return config

    def execution(self, backend: str) -> PyTorchExecutionConfig:
        """Build the execution settings; those that are not shown for a backend do not count for it."""
        if backend == "pytorch":
            config: PyTorchExecutionConfig = self._build("execution")
            return config
        accelerator = self.values("execution")["accelerator"]
        return PyTorchExecutionConfig(**{**own_execution_defaults(), "accelerator": accelerator})

    @property
    def gridsize(self) -> int:
        """Side of a group; 1 while the field holds no number."""
        value = self._values["model"].get("gridsize")
        return value if isinstance(value, int) and value > 0 else 1

    @property
    def refine(self) -> IterativeConfig | None:
        """How the engine improves what the network predicts; None: not at all."""
        sweeps = self._values["inference"]["refine_sweeps"]
        return self.iterations(sweeps) if isinstance(sweeps, int) and sweeps > 0 else None

    def iterations(self, sweeps: int) -> IterativeConfig:
        """Build the settings of the iterative engine."""
        config: IterativeConfig = self._build("iterations", sweeps=sweeps)
        return config

    def model(self) -> ModelConfig:
        """Build the model settings."""
        config: ModelConfig = self._build("model")
        return config

    def to_table(self) -> dict[str, object]:
        """Give what differs from the defaults, to be kept between starts."""
        table: dict[str, object] = {"backend": self.backend}
        for name, values in self._values.items():
            kept = {key: value for key, value in values.items() if value != self.defaults[name][key]}
            table[name] = {key: value for key, value in kept.items() if not isinstance(value, Invalid)}
        return table

    def restore(self, table: Mapping[str, object]) -> list[str]:
        """Take values kept by `to_table`; return the names of what is unknown or does not fit and was left out."""
        left_out = []
        for name, kept in table.items():
            if name == "backend" and kept in backends():
                self.backend = str(kept)
            elif name in self._values and isinstance(kept, Mapping):
                left_out += [f"{name}.{key}" for key, value in kept.items() if not self._take(name, str(key), value)]
            else:
                left_out.append(name)
        return left_out

    def _take(self, section: str, field: str, value: object) -> bool:
        """Set one value if it is of the field's type and makes no problem; answer whether it was."""
        known = (*describe(BY_NAME[section].cls), *BY_NAME[section].extra)
        info = next((info for info in known if info.name == field), None)
        if info is None or field not in self._values[section]:
            return False
        if info.type is Path and isinstance(value, str):
            value = Path(value)
        if value is None:
            fits = info.optional
        elif info.choices is not None:
            fits = value in info.choices
        else:
            fits = _is_a(value, info.type)
        if not fits:
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
    """Give the names of the backends, as the configuration knows them."""
    info = next(info for info in describe(TrainingConfig) if info.name == "backend")
    return tuple(str(choice) for choice in info.choices or ())


def _defaults(section: str) -> dict[str, object]:
    """Give the defaults of a section: the dataclass's own, overruled by those of the application."""
    hidden = BY_NAME[section].hidden - {"accelerator"}
    known = (*describe(BY_NAME[section].cls), *BY_NAME[section].extra)
    plain = {info.name: info.default for info in known if info.name not in hidden}
    own = _OWN_DEFAULTS.get(section)
    return plain | {name: value for name, value in (own() if own else {}).items() if name in plain}


def _as_shown(section: str, sentence: str) -> str:
    """Call the settings in a sentence as the form does, not by the names of the configuration's fields."""
    labels = {info.name: info.label for info in BY_NAME[section].fields()}
    first, _, rest = sentence.partition(" ")
    # Plain words such as 'seed' are field names too; only at the start are they meant as such.
    words = [labels[word].lower() if "_" in word and word in labels else word for word in rest.split(" ")]
    return " ".join([labels.get(first, first), *words])


def _is_a(value: object, kind: object) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(kind, type) and isinstance(value, kind)
