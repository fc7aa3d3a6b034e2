"""Historic module ``ptycho.workflows.backend_selector``: one call, either framework."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ptychopinn.backends import registry
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.legacy_bridge import update_legacy_dict
from ptychopinn.errors import BackendError, ConfigError
from ptychopinn.historic.params import cfg
from ptychopinn.historic.shadowing import require_own

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
    """Train with the backend that ``config.backend`` names, and with ``do_stitching`` reconstruct the test scan.

    Parameters
    ----------
    train_data, test_data : RawData
    config : TrainingConfig
        Written into ``params.cfg`` before anything else.
    flip_x, flip_y, transpose, M, do_stitching
        See :func:`ptychopinn.historic.tensorflow.components.run_cdi_example`.
    torch_execution_config : PyTorchExecutionConfig or None
        For the PyTorch backend; None computes on a GPU where there is one.

    Returns
    -------
    (amplitude, phase, results)
        Images (rows, columns) or None; ``results['backend']`` names the backend.

    Raises
    ------
    ConfigError
        Another backend name; it is a ValueError.
    BackendError
        The framework is unavailable; it is a RuntimeError.
    """
    components = _components(config)
    more = _execution(config.backend, torch_execution_config)
    amplitude, phase, results = components.run_cdi_example(
        train_data,
        test_data,
        config,
        flip_x=flip_x,
        flip_y=flip_y,
        transpose=transpose,
        M=M,
        do_stitching=do_stitching,
        **more,
    )
    results["backend"] = config.backend
    return amplitude, phase, results


def train_cdi_model_with_backend(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    torch_execution_config: PyTorchExecutionConfig | None = None,
) -> dict[str, Any]:
    """Train with the backend that ``config.backend`` names; see :func:`run_cdi_example_with_backend`."""
    components = _components(config)
    more = _execution(config.backend, torch_execution_config)
    results: dict[str, Any] = components.train_cdi_model(train_data, test_data, config, **more)
    results["backend"] = config.backend
    return results


def load_inference_bundle_with_backend(
    bundle_dir: str | Path, config: TrainingConfig | InferenceConfig, model_name: str = "diffraction_to_obj"
) -> tuple[Any, dict[str, Any]]:
    """Open a model archive with the backend that ``config.backend`` names.

    Parameters
    ----------
    bundle_dir : path
        Any form of an archive.
    config : TrainingConfig or InferenceConfig
        Written into ``params.cfg`` first; the archive's settings then win.
    model_name : str

    Returns
    -------
    (model, params)

    Raises
    ------
    ConfigError, BackendError
        As :func:`run_cdi_example_with_backend`.
    ArchiveError
        The archive belongs to the other backend, or cannot be used; it is a ValueError.
    KeyError
        It has no model of that name.
    """
    components = _components(config)
    if config.backend == "pytorch":
        model, params = components.load_inference_bundle(bundle_dir, model_name=model_name)
        return model, params
    model, params = components.load_inference_bundle(bundle_dir)
    if model_name == "diffraction_to_obj":
        return model, params
    base = Path(bundle_dir) / "wts.h5" if Path(bundle_dir).is_dir() else Path(bundle_dir)
    return components.ModelManager.load_multiple_models(str(base), [model_name])[model_name], params


def _components(config: TrainingConfig | InferenceConfig) -> ModuleType:
    """Return the workflow module of the configured backend, after the legacy dictionary has the settings."""
    update_legacy_dict(cfg, config)
    if config.backend not in registry.NAMES:
        raise ConfigError(
            f"backend is {config.backend!r}", " or ".join(map(repr, registry.NAMES)), "Set backend to one of the two."
        )
    return _torch_components() if config.backend == "pytorch" else _tensorflow_components()


# The modules come by their historic names when they are needed: callers replace functions in them, and
# one framework is never imported for the other.
def _torch_components() -> ModuleType:
    advice = "Install PyTorch with: pip install torch>=2.2 (and pip install lightning)"
    registry.require("pytorch")
    try:
        import ptycho_torch

        require_own(ptycho_torch)
        import ptycho_torch.workflows.components as components
    except (ImportError, RuntimeError) as error:
        raise BackendError(f"PyTorch backend selected, but it is unavailable: {error}", mend=advice) from error
    return components


def _tensorflow_components() -> ModuleType:
    advice = "Install TensorFlow with: pip install tensorflow>=2.16"
    try:
        import ptycho

        require_own(ptycho)
        from ptycho.workflows import components
    except ImportError as error:
        raise BackendError(f"TensorFlow backend selected, but it is unavailable: {error}", mend=advice) from error
    return components


def _execution(backend: str, execution: PyTorchExecutionConfig | None) -> dict[str, PyTorchExecutionConfig]:
    if backend != "pytorch":
        return {}
    return {"execution_config": execution or PyTorchExecutionConfig(accelerator="auto")}
