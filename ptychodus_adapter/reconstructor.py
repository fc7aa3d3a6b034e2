"""The reconstructor that a ptychodus-like host trains and runs (API specification, section 4)."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Unpack

import numpy as np

from ptychodus_adapter.arrays import create_raw_data
from ptychodus_adapter.background import BackgroundJob
from ptychodus_adapter.host_types import LossValue, Product, ReconstructOutput, TrainableReconstructor, TrainOutput
from ptychodus_adapter.settings import inference_configuration, training_configuration
from ptychopinn.archive.bundle import open_bundle
from ptychopinn.archive.locate import locate
from ptychopinn.backends import registry
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.data.scan_file import pattern_size
from ptychopinn.errors import ArchiveError, MissingFileError
from ptychopinn.events import Batch, Epoch
from ptychopinn.files.atomic import atomic_path
from ptychopinn.files.names import MODEL_FILE, TEST_DATA_FILE, TRAIN_DATA_FILE
from ptychopinn.historic.populate import populate_legacy_params, publish_model
from ptychopinn.historic.raw_data import RawData
from ptychopinn.results import ReconstructResult, TrainResult
from ptychopinn.workflow.reconstruct import ReconstructOptions, ScanReconstruction, reconstruct, reconstruct_scan
from ptychopinn.workflow.train import TrainOptions, train

_GOAL = 100


class PtychoPINNTrainableReconstructor(TrainableReconstructor):  # type: ignore[misc]
    """A reconstructor that trains on exported data and reconstructs products, with either backend.

    Parameters
    ----------
    name : 'PINN' or 'Supervised'
    model_settings, inference_settings, training_settings : object
        The host's settings or :class:`ptychodus_adapter.settings.SettingsGroup`. They are read when a job starts.
    is_developer_mode_enabled : bool
        Whether to log additional details.
    """

    MODEL_FILE_NAME: Final[str] = MODEL_FILE

    def __init__(
        self,
        name: str,
        model_settings: Any,
        inference_settings: Any,
        training_settings: Any,
        *,
        is_developer_mode_enabled: bool = False,
    ) -> None:
        super().__init__()
        self._name = name
        self._model_settings = model_settings
        self._inference_settings = inference_settings
        self._training_settings = training_settings
        self._debug = is_developer_mode_enabled
        self._archive: Path | None = None

    @property
    def name(self) -> str:
        """Name of the reconstructor: 'PINN' or 'Supervised'."""
        return self._name

    def get_progress_goal(self) -> int:
        """Return the progress value that means a job is finished."""
        return _GOAL

    def is_model_loaded(self) -> bool:
        """Return True if a model is open."""
        return self._archive is not None

    def get_model_file_filter(self) -> str:
        """Return the file dialog's filter for models."""
        return "PtychoPINN models (wts.h5.zip *.zip)"

    def get_model_file_extension(self) -> str:
        """Return the extension of a saved model."""
        return ".zip"

    def get_training_data_file_filter(self) -> str:
        """Return the file dialog's filter for training data."""
        return "NumPy Zipped Archive (*.npz)"

    def load_model_from_file(self, file_path: Path) -> None:
        """Open a model: an archive with any file name, a folder that contains ``wts.h5.zip``, or an unpacked archive.

        As with ``load_inference_bundle``, the settings of the model are written into ``params.cfg``
        (API specification, section 4.2).

        Raises
        ------
        ArchiveError, MissingArchiveError, BackendError
            The model is missing, damaged or not usable on this machine. A model that was already open stays open.
        """
        bundle = open_bundle(file_path)
        registry.require(str(bundle.manifest["backend"]))
        publish_model(bundle)
        self._archive = Path(file_path)

    def open_model(self, file_path: Path) -> None:
        """Historic name of :meth:`load_model_from_file`."""
        self.load_model_from_file(file_path)

    def save_model(self, file_path: Path) -> None:
        """Write the open model to a file, or as ``wts.h5.zip`` into a folder.

        Raises
        ------
        ArchiveError
            No model is open, or the open model is an unpacked folder.
        """
        source = locate(self._open_archive())
        if source.kind == "folder":
            raise ArchiveError(f"{source.path} is an unpacked model", "a packed one", "Open the zip file instead.")
        target = Path(file_path)
        target = target / MODEL_FILE if target.is_dir() else target
        if target.resolve() != source.path.resolve():
            with atomic_path(target) as temporary:
                shutil.copyfile(source.path, temporary)

    def create_raw_data(self, parameters: Any) -> RawData:
        """Build a scan from a host's input; see :func:`ptychodus_adapter.arrays.create_raw_data`."""
        return create_raw_data(parameters)

    def export_training_data(self, file_path: Path, parameters: Any) -> None:
        """Write a host's input as an NPZ scan of amplitudes, with ``diff3d_units`` set to 'amplitude'."""
        raw = create_raw_data(parameters)
        raw.diff3d, raw.diff3d_units = raw.amplitude(), "amplitude"
        raw.to_file(file_path)

    def train(self, input_path: Path, output_path: Path | None = None) -> Iterator[Any]:
        """Train on ``train_data.npz`` in a folder; ``test_data.npz``, if present, is used for validation.

        Parameters
        ----------
        output_path : Path or None
            Folder for ``wts.h5.zip``, losses, settings and log; None uses the data folder.

        Yields
        ------
        TrainOutput
            One per epoch, with all losses up to that epoch.

        Raises
        ------
        MissingFileError, DataError, ConfigError, BackendError
            The data or a setting cannot be used.
        """
        source = Path(input_path)
        file, test = source / TRAIN_DATA_FILE, source / TEST_DATA_FILE
        if not file.is_file():
            raise MissingFileError(f"Training data file not found: {file}", mend="Export the training data first.")
        folder = source if output_path is None else Path(output_path)
        job = functools.partial(self.train_file, file, folder, test_file=test if test.is_file() else None)
        losses: list[Any] = []
        val_losses: list[Any] = []
        for event in BackgroundJob(job).events():
            if isinstance(event, Epoch):
                losses.append(LossValue(event.epoch - 1, event.loss))
                if event.val_loss is not None:
                    val_losses.append(LossValue(event.epoch - 1, event.val_loss))
                yield TrainOutput(list(losses), list(val_losses), _GOAL * event.epoch // event.epochs)

    def train_file(
        self,
        train_file: Path,
        output_dir: Path,
        execution: PyTorchExecutionConfig | None = None,
        **options: Unpack[TrainOptions],
    ) -> TrainResult:
        """Train on one file with the current settings and open the model; see :func:`ptychopinn.train`."""
        n = pattern_size(train_file)
        config = training_configuration(self._name, n, self._model_settings, self._training_settings)
        populate_legacy_params(config)
        result = train(train_file, output_dir, config, execution or _execution(), **options)
        self._archive = result.model_path
        return result

    def reconstruct_file(
        self,
        data_file: Path,
        output_dir: Path,
        execution: PyTorchExecutionConfig | None = None,
        **options: Unpack[ReconstructOptions],
    ) -> ReconstructResult:
        """Reconstruct the scan of one file with the open model; see :func:`ptychopinn.reconstruct`."""
        archive, config = self._inference_configuration(pattern_size(data_file), data_file)
        return reconstruct(archive, data_file, output_dir, config, execution or _execution(), **options)

    def reconstruct(self, parameters: Any) -> Iterator[Any]:
        """Reconstruct the object of a product with the open model.

        Yields
        ------
        ReconstructOutput
            The current product while the job runs, then a product with the new object on the grid of the old object.

        Raises
        ------
        ArchiveError, DataError, BackendError
            No model is open, the scan does not match the model, or the model's backend is unavailable.
        """
        self._open_archive()
        raw = create_raw_data(parameters)
        archive, config = self._inference_configuration(raw.pattern_size, Path())
        job = BackgroundJob(functools.partial(reconstruct_scan, archive, raw, config, _execution()))
        for event in job.events():
            if isinstance(event, Batch) and event.batch < event.batches:
                yield ReconstructOutput(parameters.product, _GOAL * event.batch // event.batches)
        yield ReconstructOutput(_with_object(parameters.product, job.result), _GOAL)

    def _open_archive(self) -> Path:
        if self._archive is None:
            raise ArchiveError("no model is open", mend="Train or open a model first.")
        return self._archive

    def _inference_configuration(self, n: int, data_file: Path) -> tuple[Path, InferenceConfig]:
        """Return the model path and the reconstruction settings; write the settings into ``params.cfg``."""
        archive = self._open_archive()
        config = inference_configuration(
            self._name, n, self._model_settings, self._inference_settings, archive, data_file, self._debug
        )
        populate_legacy_params(config)
        return archive, config


def _execution() -> PyTorchExecutionConfig:
    return PyTorchExecutionConfig(**own_execution_defaults())


def _with_object(product: Any, reconstruction: ScanReconstruction) -> Any:
    """Return a product with a new object on the grid of the old object: same pixel size, same centre."""
    old, new = product.object_, reconstruction.result
    rows, columns = np.shape(old.get_layer(0))
    # Negative positions shift the reconstruction's grid by whole pixels.
    top, left = np.rint(new.positions_px[0] - reconstruction.raw.positions_px[0]).astype(int)
    obj = type(old)(
        array=new.object_[top : top + rows, left : left + columns].astype(complex),
        layer_spacing_m=old.layer_spacing_m,
        pixel_geometry=old.get_pixel_geometry(),
        center=old.get_center(),
    )
    same = {name: getattr(product, name) for name in ("metadata", "probe_positions", "probes", "losses")}
    return Product(object_=obj, **same)
