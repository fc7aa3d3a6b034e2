"""Two runs side by side, in turn, or as their difference, with their losses and what was set differently."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QSignalBlocker, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ptychopinn_app.jobs.compare_tasks import ComparedRun, Comparison
from ptychopinn_app.views.colormaps import AMPLITUDE_MAPS, PHASE_MAPS
from ptychopinn_app.views.image_panel import ImagePanel
from ptychopinn_app.views.levels import percentile_levels
from ptychopinn_app.views.loss_plot import LossPlot
from ptychopinn_app.views.pair import filled_region

BLINK_MS = 500
EMPTY = "Select two runs in the Runs tab and press Compare."
MODES = ("Side by side", "Blink", "Difference")


class CompareView(QWidget):
    """Everything two runs have in common is drawn on the same scale."""

    cursorText = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compareView")
        self._found: Comparison | None = None
        self._second_up = False
        self.panels = {
            name: (ImagePanel("A", maps, unit), ImagePanel("B", maps, unit))
            for name, maps, unit in (("amplitude", AMPLITUDE_MAPS, ""), ("phase", PHASE_MAPS, "rad"))
        }
        self.losses = LossPlot(names=("A", "B"))
        self._table = self._make_table()
        self._timer = QTimer(self)
        self._timer.setInterval(BLINK_MS)
        self._timer.timeout.connect(self.step)
        self._pictures = QSplitter(Qt.Orientation.Horizontal)
        self._pictures.setChildrenCollapsible(False)
        for pair in self.panels.values():
            for panel in pair:
                self._pictures.addWidget(panel)
                panel.cursorMoved.connect(self._describe)
        self._link()
        lower = QTabWidget()
        lower.setDocumentMode(True)
        lower.setObjectName("compareTabs")
        lower.addTab(self.losses, "Losses")
        lower.addTab(self._table, "Settings that differ")
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.setChildrenCollapsible(False)
        whole.addWidget(self._pictures)
        whole.addWidget(lower)
        whole.setSizes([400, 170])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_bar())
        column.addWidget(self._words)
        column.addWidget(whole, 1)
        self._draw()

    def _make_bar(self) -> QHBoxLayout:
        self._what = QComboBox()
        self._what.setObjectName("compareWhat")
        self._what.setAccessibleName("Shown quantity")
        self._what.addItems(["Amplitude", "Phase"])
        self._what.setCurrentIndex(1)
        self._what.currentIndexChanged.connect(lambda _: self._draw())
        self._mode = QComboBox()
        self._mode.setObjectName("compareMode")
        self._mode.setAccessibleName("Way of comparing")
        self._mode.addItems(MODES)
        self._mode.currentIndexChanged.connect(lambda _: self._draw())
        self._step = QPushButton("A / B")
        self._step.setObjectName("compareStep")
        self._step.setAccessibleName("Show the other run")
        self._step.setToolTip("Show the other of the two  (Space)")
        self._step.setShortcut("Space")
        self._step.clicked.connect(self._step_by_hand)
        self._title = QLabel()
        self._title.setProperty("role", "muted")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._words = QLabel(EMPTY)
        self._words.setObjectName("compareWords")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setContentsMargins(12, 0, 12, 4)
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 12, 4)
        bar.setSpacing(10)
        for widget in (self._what, self._mode, self._step):
            bar.addWidget(widget)
        bar.addWidget(self._title, 1)
        return bar

    @staticmethod
    def _make_table() -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setObjectName("compareSettings")
        table.setAccessibleName("Settings that differ")
        table.setHorizontalHeaderLabels(["Setting", "A", "B"])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        head, rows = table.horizontalHeader(), table.verticalHeader()
        if head is not None and rows is not None:
            head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            rows.hide()
        return table

    def _link(self) -> None:
        for pair in self.panels.values():
            pair[0].viewChanged.connect(pair[1].show_rectangle)
            pair[1].viewChanged.connect(pair[0].show_rectangle)

    def show_comparison(self, found: Comparison, settings: list[tuple[str, str, str]]) -> None:
        """Show two runs and the settings that differ."""
        self._found, self._second_up = found, False
        for pair in self.panels.values():
            for panel in pair:
                panel.forget_levels()
        self.losses.set_curves(found.first.losses, found.second.losses)
        self._table.setRowCount(len(settings))
        for row, texts in enumerate(settings):
            for column, text in enumerate(texts):
                self._table.setItem(row, column, QTableWidgetItem(text))
        with QSignalBlocker(self._mode):
            self._mode.setCurrentIndex(0)
        self._draw()

    def step(self) -> None:
        """Show the other one."""
        self._second_up = not self._second_up
        self._draw()

    def _step_by_hand(self) -> None:
        self._timer.stop()
        with QSignalBlocker(self._mode):
            self._mode.setCurrentIndex(1)
        self._second_up = not self._second_up
        self._draw(blink=False)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Blink no more while nobody looks."""
        self._timer.stop()
        super().hideEvent(event)

    def _draw(self, blink: bool = True) -> None:
        found, mode = self._found, self._mode.currentText()
        name = self._what.currentText().lower()
        for other, (first, second) in self.panels.items():
            first.setVisible(other == name and found is not None)
            second.setVisible(other == name and found is not None and mode == "Side by side")
        for widget in (self._what, self._mode, self._step):
            widget.setEnabled(found is not None)
        if found is None:
            return
        # A difference that cannot be made is not offered.
        item = self._mode.model().item(2) if hasattr(self._mode.model(), "item") else None  # type: ignore[union-attr]
        if item is not None:
            item.setEnabled(not found.problem)
        self._title.setText(f"A  {found.first.title}     B  {found.second.title}")
        self._words.setText(_words(found))
        first, second = self.panels[name]
        if mode == "Difference" and not found.problem:
            first.set_title("B − A")
            first.forget_levels()
            first.set_image(found.amplitude_difference if name == "amplitude" else found.phase_difference)
        elif mode == "Blink":
            shown = found.second if self._second_up else found.first
            first.set_title("B" if self._second_up else "A")
            self._put(first, shown, name)
        else:
            first.set_title("A")
            self._put(first, found.first, name)
            self._put(second, found.second, name)
        if mode == "Blink" and blink and self.isVisible():
            self._timer.start()
        elif mode != "Blink":
            self._timer.stop()

    def _put(self, panel: ImagePanel, run: ComparedRun, name: str) -> None:
        image = run.amplitude if name == "amplitude" else run.phase
        if image is None or run.amplitude is None or self._found is None:
            panel.set_image(None)
            return
        lit = run.amplitude > 0
        panel.set_image(np.where(lit, image, np.nan) if not lit.all() else image, run.pixel_size_m, filled_region(lit))
        # The first one's limits for both: only then can they be compared by eye.
        reference = self._found.first
        values = reference.amplitude if name == "amplitude" else reference.phase
        if values is not None and reference.amplitude is not None:
            panel.take_levels(percentile_levels(np.where(reference.amplitude > 0, values, np.nan)))

    def _describe(self, pixel: tuple[int, int, float] | None) -> None:
        if pixel is None:
            self.cursorText.emit("")
            return
        y, x, value = pixel
        self.cursorText.emit(f"x {x}   y {y}   {value:.4g}")


def _words(found: Comparison) -> str:
    parts = []
    for letter, run in (("A", found.first), ("B", found.second)):
        figures = f"R {run.r_factor:.4f}" if run.r_factor is not None else run.origin or "no object"
        parts.append(f"{letter}: {figures}")
    if found.problem:
        parts.append(found.problem)
    else:
        a = found.agreement
        parts.append(
            f"B against A: amplitude {a['amplitude_psnr_db']:.1f} dB, SSIM {a['amplitude_ssim']:.3f};"
            f" phase {a['phase_psnr_db']:.1f} dB, SSIM {a['phase_ssim']:.3f}"
        )
    return "     ".join(parts)
