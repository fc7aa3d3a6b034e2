"""Connects the patterns of the scan with the views that browse them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from ptychopinn_app.records import Scan

if TYPE_CHECKING:
    from ptychopinn_app.main_window import MainWindow

# The findings of the data card that are about single pixels of the detector.
BAD_PIXEL_CODES = ("masked_marker", "hot_pixels", "dead_pixels")


class PatternsPresenter(QObject):
    """Keeps the positions view and the diffraction browser in step with scan, settings and result."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._patterns = window.session.patterns
        self._centre = window.centre
        self._session = window.session
        positions, diffraction = self._centre.positions, self._centre.diffraction
        positions.rolesShown.connect(self._follow_roles)
        positions.indexRequested.connect(self._show_pattern_at)
        diffraction.indexRequested.connect(self._request_pattern)
        diffraction.modelRequested.connect(self._patterns.request_model)
        diffraction.badPixelsRequested.connect(self._patterns.request_bad_pixels)
        self._session.patternRead.connect(diffraction.show_pattern)
        self._session.datasetChanged.connect(self._offer_bad_pixels)
        self._patterns.rolesRead.connect(positions.set_roles)
        self._patterns.rRead.connect(positions.set_r)
        self._patterns.rRead.connect(diffraction.set_r)
        self._patterns.fitChanged.connect(diffraction.set_model_offered)
        self._patterns.modelRead.connect(diffraction.show_model)
        self._patterns.badPixelsRead.connect(diffraction.set_bad_pixels)

    def _request_pattern(self, index: int) -> None:
        self._session.datasets.request_pattern(index)
        self._centre.positions.mark(index)

    def _show_pattern_at(self, index: int) -> None:
        self._centre.select(self._centre.diffraction)
        self._centre.diffraction.go_to(index)
        self._centre.diffraction.compare()

    def _follow_roles(self, shown: bool) -> None:
        if shown:
            self._patterns.request_roles()
        else:
            self._patterns.forget_roles()

    def _offer_bad_pixels(self, scan: Scan) -> None:
        found = any(finding.code in BAD_PIXEL_CODES for finding in scan.summary.findings)
        self._centre.diffraction.set_bad_pixels_offered(found)
