"""Drive the window of a stock ptychodus by its widgets: export, train, open, infer. Runs in that release's environment.

Used as ``host_window.py LIBRARY SCAN FOLDER EPOCHS``. Leaves in FOLDER the exported training data, the model, pictures
of the window, ``log.txt`` with the text of the log pane after training, and ``object.npy`` with the object of the
product that Infer created, as read from the file that the window saved.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from host_driver import DETECTOR_PIXEL_M, api, read, reconstruct_input

ALGORITHMS = {"tensorflow": "ptychopinn_pinn", "torch": "ptychopinn-torch_unsupervised"}
MODELS = {"tensorflow": "wts.h5.zip", "torch": "run_*/**/*.ckpt"}
SIZE_PX = (1500, 950)
PATIENCE_S = 900


class Hands:
    """A user's hands: they find widgets by their texts, press keys and buttons, and answer dialogs."""

    def __init__(self) -> None:
        # A spawned child runs this module's top as well, and must not load Qt, as under the application itself.
        from PyQt5 import QtCore, QtTest, QtWidgets

        self.core, self.test, self.widgets = QtCore, QtTest.QTest, QtWidgets
        self.guard = QtCore.QTimer()
        self.guard.timeout.connect(self.stop_at_a_message)
        self.guard.start(500)

    def stop_at_a_message(self) -> None:
        """End the process at a box that reports a failure: it would wait for ever."""
        box = self.widgets.QApplication.activeModalWidget()
        if isinstance(box, self.widgets.QMessageBox):
            print(box.text(), box.informativeText(), box.detailedText(), sep="\n", file=sys.stderr, flush=True)
            os._exit(1)

    def wait(self, done: Callable[[], bool]) -> None:
        """Let the window live until something is true."""
        end = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < end
            self.test.qWait(100)

    def field(self, page: Any, label: str) -> Any:
        """Widget beside a label of a form."""
        return next(each.buddy() for each in page.findChildren(self.widgets.QLabel) if each.text() == label)

    def choose(self, box: Any, text: str) -> None:
        """Choose an entry of a combo box by typing it."""
        self.test.keyClicks(box, text)
        assert box.currentText() == text

    def enter(self, page: Any, label: str, value: int) -> None:
        """Replace the number in a field of a form."""
        field = self.field(page, label)
        field.selectAll()
        self.test.keyClicks(field, str(value))
        self.test.keyClick(field, self.core.Qt.Key_Return)
        assert field.text() == str(value)

    def press(self, page: Any, text: str) -> None:
        """Press a button that can be pressed."""
        button = next(each for each in page.findChildren(self.widgets.QPushButton) if each.text() == text)
        assert button.isVisible()
        assert button.isEnabled(), text
        self.test.mouseClick(button, self.core.Qt.LeftButton)

    def pick(self, menu: Any, text: str) -> None:
        """Pick an entry of a menu that can be picked."""
        action = next(each for each in menu.actions() if each.text() == text)
        assert action.isEnabled(), text
        action.trigger()

    def select(self, items: Any, name: str) -> None:
        """Select the row of a table or a tree that begins with a name."""
        rows = [items.model().index(row, 0) for row in range(items.model().rowCount())]
        items.setCurrentIndex(next(row for row in rows if row.data() == name))

    def will_answer(self, path: Path) -> None:
        """Type a path into the next file dialog and accept it."""

        def answer() -> None:
            dialog = self.widgets.QApplication.activeModalWidget()
            if not isinstance(dialog, self.widgets.QFileDialog):
                self.core.QTimer.singleShot(100, answer)
                return
            dialog.findChild(self.widgets.QLineEdit, "fileNameEdit").setText(str(path))
            buttons = dialog.findChild(self.widgets.QDialogButtonBox)
            accept = next(b for b in buttons.buttons() if buttons.buttonRole(b) == buttons.AcceptRole)
            # It learns whether the path exists in a thread.
            self.wait(accept.isEnabled)
            accept.click()

        self.core.QTimer.singleShot(100, answer)


class Session:
    """The window with a scan in it."""

    def __init__(self, model: Any, view: Any, hands: Hands, folder: Path) -> None:
        self.model, self.view, self.hands, self.folder = model, view, hands, folder
        self.monitor = model.processing_core.processing_api.task_monitor
        self.page = view.processing_view

    def photograph(self, name: str) -> None:
        """Save a picture of the window."""
        self.hands.test.qWait(500)
        assert self.view.grab().save(str(self.folder / f"{name}.png"))

    def open(self, parameters: Any) -> None:
        """Write a scan in the formats of ptychodus and open it."""
        io = api("io")
        patterns, bad = parameters.diffraction_patterns, parameters.bad_pixels
        pixel = api("geometry").PixelGeometry(width_m=DETECTOR_PIXEL_M, height_m=DETECTOR_PIXEL_M)
        scan, product = self.folder / "diffraction.h5", self.folder / "product.h5"
        io.save_diffraction_data(scan, io.AssembledDiffractionData(np.arange(len(patterns)), patterns, pixel, bad))
        io.save_product(product, parameters.product)
        opened = self.model.workflow_api.load_assembled_diffraction_data(scan)
        self.model.workflow_api.load_product(product, diffraction=opened)
        self.hands.wait(lambda: self.hands.field(self.page, "Product:").currentIndex() >= 0)

    def menu(self, text: str) -> None:
        """Pick an entry of the menu beside the buttons Infer and Train."""
        buttons = self.page.findChildren(self.hands.widgets.QToolButton)
        self.hands.pick(next(button.menu() for button in buttons if button.menu() is not None), text)

    def run(self, button: str) -> None:
        """Press Infer or Train and wait until its task has ended and the window has heard of it."""
        runs = self.monitor.get_completed_runs()
        self.hands.press(self.page, button)
        self.hands.wait(lambda: self.monitor.get_completed_runs() > runs)
        self.monitor.raise_if_failed()
        # The window asks for news once a second.
        self.hands.test.qWait(2500)

    def train(self, library: str, size: int, epochs: int) -> None:
        """Export, train and open the model, all on the page Processing."""
        hands = self.hands
        self.view.processing_action.trigger()
        hands.choose(hands.field(self.page, "Algorithm:"), ALGORITHMS[library])
        form = self.page.findChild(hands.widgets.QStackedWidget).currentWidget()
        if library == "torch":
            hands.enter(form, "Model Size:", size)
            hands.enter(form, "Coordinate Subsampling Factor:", 1)
        hands.enter(form, "Default Epochs:" if library == "torch" else "Number of Epochs:", epochs)
        hands.will_answer(self.folder / "train_data.npz")
        self.menu("Export Training Data...")
        shutil.copy(self.folder / "train_data.npz", self.folder / "test_data.npz")
        hands.will_answer(self.folder)
        self.run("Train")
        (self.folder / "log.txt").write_text(self.view.processing_status_view.text_edit.toPlainText())
        self.photograph("trained")
        (model,) = self.folder.glob(MODELS[library])
        hands.will_answer(model)
        self.menu("Load Model...")

    def infer(self) -> None:
        """Infer, look at the object and save the product that was created."""
        self.run("Infer")
        self.photograph("inferred")
        name = self.hands.field(self.page, "Product:").currentText()
        self.view.object_action.trigger()
        self.hands.select(self.view.object_view.tree_view, name)
        colours = self.view.object_image_view.image_ribbon
        for component in ("Amplitude", "Phase"):
            self.hands.choose(colours.colormap_group_box.renderer_combo_box, component)
            self.hands.press(colours, "Auto")
            colours.image_tools_group_box.home_button.click()
            self.photograph(f"object_{component.lower()}")
        self.view.product_action.trigger()
        self.hands.select(self.view.product_view.table_view, name)
        self.hands.will_answer(self.folder / "inferred.h5")
        self.hands.pick(self.view.product_view.button_box.save_menu, "Save File...")


def main() -> None:
    """Show the window, as the application's own start does, and work in it."""
    library, scan, place, epochs = sys.argv[1:]
    from ptychodus.controller import ControllerCore
    from ptychodus.model import ModelCore
    from ptychodus.view import ViewCore
    from PyQt5.QtWidgets import QApplication

    folder = Path(place)
    with np.load(scan) as content:
        arrays = {key: content[key] for key in content.files}
    parameters = reconstruct_input(arrays)
    with ModelCore(log_level=logging.INFO) as model:
        # It lives for as long as the window.
        _application = QApplication(sys.argv[:1])
        view = ViewCore()
        controller = ControllerCore(model, view)
        controller.show_main_window("ptychodus")
        view.resize(*SIZE_PX)
        session = Session(model, view, Hands(), folder)
        session.open(parameters)
        session.train(library, arrays["diff3d"].shape[-1], int(epochs))
        session.infer()
        view.close()
    read(folder / "inferred.h5", parameters, folder)
    assert not [module for module in sys.modules if module.startswith("PyQt6")]


if __name__ == "__main__":
    main()
