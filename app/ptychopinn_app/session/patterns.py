"""What is known of the single patterns of the open scan: their part in a training, their R, their model, bad pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ptychopinn_app.records import ObjectResult, Scan

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session

TASKS = "ptychopinn_app.jobs.pattern_tasks"


class Patterns(QObject):
    """Asks the helper; answers about a scan or a result that is no longer shown are dropped.

    Signals
    -------
    rolesRead : (P,) int8, see `pattern_tasks.roles`
    rRead : (P,) float64, or None without a quality report of the shown result
    fitChanged : whether the shown result was made from the open scan
    modelRead : index and amplitude (N, N) float32 of one pattern
    badPixelsRead : (N, N) int8, see `pattern_tasks.bad_pixels`
    """

    rolesRead = pyqtSignal(object)
    rRead = pyqtSignal(object)
    fitChanged = pyqtSignal(bool)
    modelRead = pyqtSignal(int, object)
    badPixelsRead = pyqtSignal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.fits = False
        self._roles_wanted = False
        self._wanted: int | None = None
        self._asked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.request_roles)
        session.datasetChanged.connect(lambda _: self._compare())
        session.resultChanged.connect(lambda _: self._compare())
        session.reportChanged.connect(lambda _: self._read_r())
        session.configChanged.connect(self._settings_changed)
        session.testDatasetChanged.connect(lambda _: self._settings_changed("training"))

    def request_roles(self) -> None:
        """Ask what a training would do with each pattern, now and whenever the settings change."""
        self._roles_wanted = True
        session, scan = self._session, self._session.dataset
        if scan is None or scan.preview is None:
            return
        values = session.config.values("training")
        numbers = [values.get(name) for name in ("n_subsample", "subsample_seed", "validation_fraction", "seed")]
        if any(not isinstance(number, int | float) and number is not None for number in numbers):
            return
        taken, drawn, fraction, seed = numbers
        arguments = {
            "count": len(scan.preview.positions_px),
            "members": session.config.gridsize**2,
            "n_subsample": taken,
            "subsample_seed": seed if drawn is None else drawn,
            "validation_fraction": 0.0 if session.test_dataset is not None else fraction,
            "seed": seed,
        }
        if session.config.problems("training"):
            return
        self._ask("roles", arguments, scan, self.rolesRead.emit)

    def forget_roles(self) -> None:
        """Stop following the settings."""
        self._roles_wanted = False

    def request_bad_pixels(self) -> None:
        """Ask for the pixels that the checks call masked, hot or dead."""
        if (scan := self._session.dataset) is not None:
            self._ask("bad_pixels", _source(scan), scan, self.badPixelsRead.emit)

    def request_model(self, index: int) -> None:
        """Ask for a pattern of the shown result; while one is computed only the newest request is kept."""
        self._wanted = index
        self._next_model()

    def _compare(self) -> None:
        """Find out whether the shown result belongs to the open scan."""
        self._set_fit(False)
        scan, result = self._session.dataset, self._session.result
        if scan is None or result is None:
            return

        def done(fits: bool) -> None:
            if result is self._session.result:
                self._set_fit(fits)
                self._read_r()

        self._ask("belongs", {"run_dir": result.run_dir, **_source(scan)}, scan, done)

    def _set_fit(self, fits: bool) -> None:
        self.fits = fits
        self.fitChanged.emit(fits)
        if not fits:
            self.rRead.emit(None)

    def _read_r(self) -> None:
        scan, result = self._session.dataset, self._session.result
        if not self.fits or scan is None or result is None:
            return

        def done(found: Any) -> None:
            if result is self._session.result:
                self.rRead.emit(found)

        self._ask("r_per_position", {"root": result.run_dir.parent, "run_dir": result.run_dir}, scan, done)

    def _next_model(self) -> None:
        scan, result = self._session.dataset, self._session.result
        if self._asked or self._wanted is None or scan is None or result is None or not self.fits:
            return
        index, self._wanted = self._wanted, None
        self._asked = True

        def done(reply: tuple[int, Any]) -> None:
            self._asked = False
            if self._is_shown(scan, result):
                self.modelRead.emit(*reply)
            self._next_model()

        self._session.helper.request(
            f"{TASKS}:model_pattern", {"run_dir": result.run_dir, "index": index}, done, self._model_failed
        )

    def _model_failed(self, failure: object) -> None:
        self._asked = False
        self._set_fit(False)

    def _is_shown(self, scan: Scan, result: ObjectResult) -> bool:
        return scan is self._session.dataset and result is self._session.result

    def _ask(self, task: str, arguments: dict[str, Any], scan: Scan, done: Callable[[Any], None]) -> None:
        def answered(value: Any) -> None:
            if scan is self._session.dataset:
                done(value)

        # A scan or a result that cannot be read was reported when it was opened.
        self._session.helper.request(
            f"{TASKS}:{task}",
            arguments,
            answered,
            lambda failure: self._session.log.note("warning", f"{task.replace('_', ' ')}: {failure.summary}"),
        )

    def _settings_changed(self, section: str) -> None:
        if self._roles_wanted and section in ("training", "model"):
            self._timer.start()


def _source(scan: Scan) -> dict[str, Any]:
    return {"path": scan.path, "units": scan.units, "fixes": scan.fixes}
