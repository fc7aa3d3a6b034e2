"""The reconstructor that a ptychodus-like host trains and runs (Specification §4)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from ptychodus_adapter.arrays import create_raw_data
from ptychodus_adapter.background import BackgroundJob
from ptychodus_adapter.host_types import LossValue, Product, ReconstructOutput, TrainableReconstructor, TrainOutput
from ptychodus_adapter.settings import inference_configuration, training_configuration
from ptychopinn.archive.bundle import read_manifest
from ptychopinn.archive.locate import ARCHIVE_NAME, locate
from ptychopinn.backends import registry
from ptychopinn.backends.base import Reconstruction
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.legacy_populate import populate_legacy_params
from ptychopinn.config.presets import own_execution_defaults
from ptychopinn.data.npz import header
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import ArchiveError, MissingFileError
from ptychopinn.workflow.events import Batch, Epoch, Report, Stop

_GOAL = 100


class PtychoPINNTrainableReconstructor(TrainableReconstructor):  # type: ignore[misc, valid-type]
    """Train on exported data and reconstruct products, with either backend.

    Parameters
    ----------
    name : 'PINN' or 'Supervised'
    model_settings, inference_settings, training_settings : object
        The host's settings or :class:`ptychodus_adapter.settings.SettingsGroup`; read when a job starts.
    is_developer_mode_enabled : bool
        Writes details into the log.
    """

    MODEL_FILE_NAME: Final[str] = ARCHIVE_NAME

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
        """'PINN' or 'Supervised'."""
        return self._name

    def get_progress_goal(self) -> int:
        """Return the progress of a job that is done."""
        return _GOAL

    def is_model_loaded(self) -> bool:
        """Answer whether a model was trained or opened."""
        return self._archive is not None

    def get_model_file_filter(self) -> str:
        """Return the model files that a file dialog offers."""
        return "PtychoPINN models (wts.h5.zip *.zip)"

    def get_model_file_extension(self) -> str:
        """Return the extension of a saved model."""
        return ".zip"

    def get_training_data_file_filter(self) -> str:
        """Return the training data that a file dialog offers."""
        return "NumPy Zipped Archive (*.npz)"

    def load_model_from_file(self, file_path: Path) -> None:
        """Open a model: ``wts.h5.zip`` under any name, a folder that holds it, or its unpacked content.

        Raises
        ------
        ArchiveError, MissingArchiveError, BackendError
            There is no model, or it cannot be used here; the model that was open stays.
        """
        manifest = read_manifest(file_path)
        registry.require(str(manifest["backend"]))
        self._archive = Path(file_path)

    def open_model(self, file_path: Path) -> None:
        """Open a model, by the historic name of :meth:`load_model_from_file`."""
        self.load_model_from_file(file_path)

    def save_model(self, file_path: Path) -> None:
        """Write the open model to a file, or as ``wts.h5.zip`` into a folder.

        Raises
        ------
        ArchiveError
            No model is open, or it is an unpacked folder.
        """
        if self._archive is None:
            raise ArchiveError("no model is open", mend="Train one or open one first.")
        found = locate(self._archive)
        if found.kind == "folder":
            raise ArchiveError(f"{found.path} is an unpacked model", "a packed one", "Open the zip file instead.")
        target = Path(file_path)
        target = target / ARCHIVE_NAME if target.is_dir() else target
        if target.resolve() != found.path.resolve():
            shutil.copyfile(found.path, target)

    def create_raw_data(self, parameters: Any) -> RawData:
        """Return the scan of a host's input; see :func:`ptychodus_adapter.arrays.create_raw_data`."""
        return create_raw_data(parameters)

    def export_training_data(self, file_path: Path, parameters: Any) -> None:
        """Write a scan as NPZ: amplitude, and the key ``diff3d_units`` that says so (Specification §4.5)."""
        raw = create_raw_data(parameters)
        raw.diff3d = raw.amplitude()
        raw.diff3d_units = "amplitude"
        raw.to_file(file_path)

    def train(self, input_path: Path, output_path: Path | None = None) -> Iterator[Any]:
        """Train on ``train_data.npz`` of a folder, judged by ``test_data.npz`` where there is one.

        Parameters
        ----------
        input_path : Path
        output_path : Path or None
            Gets ``wts.h5.zip``, losses, settings and log; None is the folder itself.

        Yields
        ------
        TrainOutput
            One per epoch, with the losses so far.

        Raises
        ------
        MissingFileError, DataError, ConfigError, BackendError
            The data or a setting cannot be used.
        """
        from ptychopinn.workflow.train import train

        source = Path(input_path)
        file = source / "train_data.npz"
        if not file.is_file():
            raise MissingFileError(f"Training data file not found: {file}", mend="Export the training data first.")
        folder = source if output_path is None else Path(output_path)
        n = int(header(file)["diff3d"][0][-1])
        config = training_configuration(self._name, n, self._model_settings, self._training_settings)
        populate_legacy_params(config)
        test = source / "test_data.npz"

        def run(report: Report, should_stop: Stop) -> Any:
            return train(
                file,
                folder,
                config,
                _execution(),
                test_file=test if test.is_file() else None,
                report=report,
                should_stop=should_stop,
            )

        job = BackgroundJob(run)
        losses: list[Any] = []
        judged: list[Any] = []
        for event in job.events():
            if isinstance(event, Epoch):
                losses.append(LossValue(event.epoch - 1, event.loss))
                if event.val_loss is not None:
                    judged.append(LossValue(event.epoch - 1, event.val_loss))
                yield TrainOutput(list(losses), list(judged), _GOAL * event.epoch // event.epochs)
        self._archive = job.result.model_path

    def reconstruct(self, parameters: Any) -> Iterator[Any]:
        """Reconstruct the object of a product with the open model.

        Yields
        ------
        ReconstructOutput
            The given product while the job runs, then one whose object lies on the grid of the given object.

        Raises
        ------
        ArchiveError, DataError, BackendError
            No model is open, or the scan does not fit it.
        """
        if self._archive is None:
            raise ArchiveError("no model is open", mend="Train one or open one first.")
        raw, archive = create_raw_data(parameters), self._archive
        config = inference_configuration(
            self._name,
            raw.pattern_size,
            self._model_settings,
            self._inference_settings,
            model_path=archive,
            data_file=Path(),
            debug=self._debug,
        )
        populate_legacy_params(config)
        backend = str(read_manifest(archive)["backend"])

        def run(report: Report, should_stop: Stop) -> Reconstruction:
            return registry.load(backend).load(archive).reconstruct(raw, config, _execution(), report, should_stop)

        job = BackgroundJob(run)
        for event in job.events():
            if isinstance(event, Batch) and event.batch < event.batches:
                yield ReconstructOutput(parameters.product, _GOAL * event.batch // event.batches)
        yield ReconstructOutput(_with_object(parameters.product, raw, job.result), _GOAL)


def _execution() -> PyTorchExecutionConfig:
    return PyTorchExecutionConfig(**own_execution_defaults())


def _with_object(product: Any, raw: RawData, found: Reconstruction) -> Any:
    """Return a product whose object has the grid of the one that was given: same pixels, same middle."""
    given = product.object_
    rows, columns = np.shape(given.get_layer(0))
    # Negative positions shift the reconstruction's grid by whole pixels.
    top, left = np.rint(found.positions_px[0] - raw.positions_px[0]).astype(int)
    array = found.object_[top : top + rows, left : left + columns]
    obj = type(given)(
        array=array.astype(complex),
        layer_spacing_m=given.layer_spacing_m,
        pixel_geometry=given.get_pixel_geometry(),
        center=given.get_center(),
    )
    return Product(
        metadata=product.metadata,
        probe_positions=product.probe_positions,
        probes=product.probes,
        object_=obj,
        losses=product.losses,
    )
