"""Historic module ``ptycho.workflows.backend_selector``: the same functions for both frameworks."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ptychopinn.backends import registry
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.legacy_bridge import update_legacy_dict
from ptychopinn.errors import BackendError, ConfigError
from ptychopinn.historic.names import require_own
from ptychopinn.historic.params import cfg

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ptychopinn.config.inference import InferenceConfig
    from ptychopinn.config.training import TrainingConfig
    from ptychopinn.data.raw_data import RawData

    Image = NDArray[np.floating] | None


def run_cdi_example_with_backend(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    flip_x: bool = False,
    flip_y: bool = False,
    transpose: bool = False,
    M: int = 20,
    do_stitching: bool = False,
    torch_execution_config: PyTorchExecutionConfig | None = None,
) -> tuple[Image, Image, dict[str, Any]]:
    """Train and stitch with the backend ``config.backend``.

    Parameters and results are those of :func:`ptychopinn.historic.tensorflow.components.run_cdi_example`;
    ``results['backend']`` names the backend. If ``torch_execution_config`` is None, a GPU is used if available.

    Raises
    ------
    ConfigError
        The backend name is unknown. The error is also a ValueError.
    BackendError
        The framework is unavailable. The error is also a RuntimeError.
    """
    components = _components(config)
    options = {"flip_x": flip_x, "flip_y": flip_y, "transpose": transpose, "M": M, "do_stitching": do_stitching}
    options.update(_execution(config.backend, torch_execution_config))
    amplitude, phase, results = components.run_cdi_example(train_data, test_data, config, **options)
    results["backend"] = config.backend
    return amplitude, phase, results


def train_cdi_model_with_backend(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    torch_execution_config: PyTorchExecutionConfig | None = None,
) -> dict[str, Any]:
    """Train with the backend ``config.backend``; see :func:`run_cdi_example_with_backend`."""
    components = _components(config)
    options = _execution(config.backend, torch_execution_config)
    results: dict[str, Any] = components.train_cdi_model(train_data, test_data, config, **options)
    results["backend"] = config.backend
    return results


def load_inference_bundle_with_backend(
    bundle_dir: str | Path, config: TrainingConfig | InferenceConfig, model_name: str = "diffraction_to_obj"
) -> tuple[Any, dict[str, Any]]:
    """Open a model archive with the backend ``config.backend``.

    ``bundle_dir`` is a packed or unpacked archive, or a folder that contains one. ``config`` is written into
    ``params.cfg`` first; the settings of the archive then take precedence.

    Raises
    ------
    ConfigError, BackendError
        See :func:`run_cdi_example_with_backend`.
    ArchiveError
        The archive belongs to the other backend, or cannot be used. The error is also a ValueError.
    ArchiveError (PyTorch), KeyError (TensorFlow)
        The archive has no model named ``model_name``.
    """
    components = _components(config)
    options = {"model_name": model_name} if config.backend == "pytorch" else {}
    model, params = components.load_inference_bundle(bundle_dir, **options)
    if config.backend == "pytorch" or model_name == "diffraction_to_obj":
        return model, params
    base = Path(bundle_dir) / "wts.h5" if Path(bundle_dir).is_dir() else Path(bundle_dir)
    return components.ModelManager.load_multiple_models(str(base), [model_name])[model_name], params


def _components(config: TrainingConfig | InferenceConfig) -> ModuleType:
    """Write the settings into the legacy dictionary, then return the workflow module of the backend."""
    update_legacy_dict(cfg, config)
    if config.backend not in registry.NAMES:
        raise ConfigError(
            f"backend is {config.backend!r}", " or ".join(map(repr, registry.NAMES)), "Set backend to one of these."
        )
    if config.backend == "pytorch":
        registry.require("pytorch")
    # The modules come by their historic names at each call: callers replace functions in them, and one framework
    # is never imported for the other.
    try:
        if config.backend == "pytorch":
            import ptycho_torch

            require_own(ptycho_torch)
            import ptycho_torch.workflows.components as torch_components

            return torch_components
        import ptycho

        require_own(ptycho)
        import ptycho.workflows.components as tensorflow_components

        return tensorflow_components
    except (ImportError, RuntimeError) as error:
        title, remedy = registry.TITLES[config.backend], f"Install it with: {registry.INSTALL[config.backend]}"
        raise BackendError(f"{title} backend selected, but it is unavailable: {error}", mend=remedy) from error


def _execution(backend: str, execution: PyTorchExecutionConfig | None) -> dict[str, Any]:
    if backend != "pytorch":
        return {}
    return {"execution_config": execution or PyTorchExecutionConfig(accelerator="auto")}
