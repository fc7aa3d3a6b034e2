"""The tool bar: file actions on the left, then backend and device, and job actions on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QComboBox, QLabel, QSizePolicy, QToolBar, QWidget

from ptychopinn.backends.registry import TITLES
from ptychopinn_app.services.devices import Device
from ptychopinn_app.widgets import dressed

FILE_ACTIONS = ("actionOpenData", "actionOpenModel", "actionSaveModel", "actionExportProduct")


class MainToolBar(QToolBar):
    """Shows the window's actions as buttons and emits the chosen backend and device."""

    backendChosen = pyqtSignal(str)
    deviceChosen = pyqtSignal(str, str)

    def __init__(self, actions: dict[str, QAction], backends: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("mainToolBar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(18, 18))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in FILE_ACTIONS:
            self._add(actions[name])
        self.addSeparator()
        self._backend = self._combo("backendCombo", "Backend")
        for backend in backends:
            self._backend.addItem(TITLES.get(backend, backend), backend)
        self._backend.activated.connect(lambda _: self.backendChosen.emit(str(self._backend.currentData())))
        self._device = self._combo("deviceCombo", "Device")
        self._device.activated.connect(self._choose_device)
        self._device.setMinimumContentsLength(9)
        self._device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.show_devices([Device("auto", "Automatic"), Device("cpu", "CPU")])
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spring)
        self._add(actions["actionQuickLook"], "quickLookButton")
        self._add(actions["actionReconstruct"], "reconstructButton")
        self._add(actions["actionTrain"], "trainButton")

    def _add(self, action: QAction, name: str = "") -> None:
        self.addAction(action)
        button = self.widgetForAction(action)
        if button is not None:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.iconText().strip())
            if name:
                button.setObjectName(name)

    def _combo(self, name: str, text: str) -> QComboBox:
        label = dressed(QLabel(text), role="muted")
        label.setContentsMargins(10, 0, 4, 0)
        combo = dressed(QComboBox(), name=name, spoken=text)
        label.setBuddy(combo)
        self.addWidget(label)
        self.addWidget(combo)
        return combo

    def show_backend(self, backend: str, problem: str) -> None:
        """Select the backend; if it cannot be used, the tool tip says why."""
        with QSignalBlocker(self._backend):
            self._backend.setCurrentIndex(max(0, self._backend.findData(backend)))
        self._backend.setToolTip(problem or "Framework used for training and reconstruction")

    def show_devices(self, devices: Sequence[Device]) -> None:
        """List the devices in the menu, preserving the selection."""
        chosen = self._device.currentData()
        with QSignalBlocker(self._device):
            self._device.clear()
            for device in devices:
                self._device.addItem(device.label, device)
        if isinstance(chosen, Device):
            # Its label may have changed with the free memory.
            self.show_device(chosen.accelerator, chosen.index)
        self._device.setToolTip("Device that runs the computation")

    def show_device(self, accelerator: str, index: str) -> None:
        """Select a device; add it by name if it is not listed."""
        rows = range(self._device.count())
        row = next((row for row in rows if _is(self._device.itemData(row), accelerator, index)), -1)
        with QSignalBlocker(self._device):
            if row < 0:
                self._device.addItem(accelerator, Device(accelerator, accelerator, index))
                row = self._device.count() - 1
            self._device.setCurrentIndex(row)

    def _choose_device(self) -> None:
        device = self._device.currentData()
        if isinstance(device, Device):
            self.deviceChosen.emit(device.accelerator, device.index)


def _is(device: object, accelerator: str, index: str) -> bool:
    return isinstance(device, Device) and device.accelerator == accelerator and (not index or device.index == index)
