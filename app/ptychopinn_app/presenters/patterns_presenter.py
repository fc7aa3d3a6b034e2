"""Connects the patterns of the scan with the views that browse them."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from ptychopinn_app.central_widget import CentralWidget
from ptychopinn_app.records import Scan
from ptychopinn_app.session.datasets import Datasets
from ptychopinn_app.session.patterns import Patterns
from ptychopinn_app.session.state import SessionState

# Findings of the data card about single detector pixels.
BAD_PIXEL_CODES = ("masked_marker", "hot_pixels", "dead_pixels")


class PatternsPresenter(QObject):
    """Keeps the positions view and the diffraction browser in step with scan, settings and result."""

    def __init__(self, central: CentralWidget, state: SessionState, datasets: Datasets, patterns: Patterns) -> None:
        super().__init__(central)
        self._central, self._datasets = central, datasets
        positions, diffraction = central.positions, central.diffraction
        positions.rolesShown.connect(patterns.follow_roles)
        positions.indexRequested.connect(self._show_pattern_at)
        diffraction.indexRequested.connect(self._request_pattern)
        diffraction.modelRequested.connect(patterns.request_model)
        diffraction.badPixelsRequested.connect(patterns.request_bad_pixels)
        datasets.patternRead.connect(diffraction.show_pattern)
        state.scanChanged.connect(self._offer_bad_pixels)
        patterns.rolesRead.connect(positions.set_roles)
        patterns.rRead.connect(positions.set_r)
        patterns.rRead.connect(diffraction.set_r)
        patterns.fitChanged.connect(diffraction.set_model_offered)
        patterns.modelRead.connect(diffraction.show_model)
        patterns.badPixelsRead.connect(diffraction.set_bad_pixels)

    def _request_pattern(self, index: int) -> None:
        self._datasets.request_pattern(index)
        self._central.positions.mark(index)

    def _show_pattern_at(self, index: int) -> None:
        self._central.select(self._central.diffraction)
        self._central.diffraction.go_to(index)
        self._central.diffraction.compare()

    def _offer_bad_pixels(self, scan: Scan) -> None:
        has_bad_pixels = any(finding.code in BAD_PIXEL_CODES for finding in scan.summary.findings)
        self._central.diffraction.set_bad_pixels_offered(has_bad_pixels)
