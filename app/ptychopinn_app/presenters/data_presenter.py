"""Connects the open scans and the model with the data card, the welcome page and the status bar."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn.backends.registry import TITLES
from ptychopinn_app.presenters.file_requests import FileRequests
from ptychopinn_app.presenters.parts import WindowParts
from ptychopinn_app.records import Model
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.files import Files
from ptychopinn_app.session.messages import Messages
from ptychopinn_app.session.recovery import Recovery
from ptychopinn_app.session.state import SessionState


class DataPresenter(QObject):
    """Shows which files are open, and forwards requests to open files."""

    def __init__(
        self,
        parts: WindowParts,
        requests: FileRequests,
        *,
        state: SessionState,
        messages: Messages,
        datasets: Datasets,
        files: Files,
        recovery: Recovery,
    ) -> None:
        super().__init__(parts.window)
        self._model_label = parts.model_label
        card, welcome, bar = parts.card, parts.central.welcome, parts.central.recovery
        card.unitsChosen.connect(datasets.set_units)
        card.fixRequested.connect(datasets.apply_fix)
        card.undoRequested.connect(datasets.undo_fixes)
        card.openRequested.connect(requests.open_data)
        card.openTestRequested.connect(requests.open_test_data)
        card.closeTestRequested.connect(datasets.close_test)
        welcome.openDataRequested.connect(requests.open_data)
        welcome.openModelRequested.connect(requests.open_model)
        welcome.pathChosen.connect(lambda path: files.open_paths([path]))
        bar.restoreRequested.connect(recovery.restore)
        bar.dismissRequested.connect(recovery.dismiss)
        recovery.offered.connect(lambda lost: bar.offer(lost.describe()))
        recovery.settled.connect(bar.hide)
        messages.reading.connect(card.show_reading)
        state.scanChanged.connect(card.show_scan)
        state.testScanChanged.connect(card.show_test)
        state.modelChanged.connect(self._show_model)

    def _show_model(self, model: Model) -> None:
        name = f"Model {model.path.name}" if model.saved else f"Model of run {model.path.parent.name}"
        facts = [TITLES.get(model.backend, model.backend)]
        facts += [f"N {model.pattern_size}"] if model.pattern_size else []
        facts += [f"grid size {model.gridsize}"] if model.gridsize else []
        facts += [] if model.saved else ["not saved"]
        self._model_label.setText("  ·  ".join([name, *facts]))
        self._model_label.setToolTip(f"{model.path}\n{model.about}")
