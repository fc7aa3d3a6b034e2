"""Hook that reports unhandled exceptions; without it, PyQt6 would abort the program."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PyQt6.QtCore import QObject, pyqtSignal

logger = logging.getLogger(__name__)


class ExceptionHook(QObject):
    """Catches unhandled exceptions in slots and threads; emits `caught` (summary, traceback) in the GUI thread."""

    caught = pyqtSignal(str, str)

    def install(self) -> None:
        """Replace `sys.excepthook` and `threading.excepthook`."""
        sys.excepthook = self._handle
        threading.excepthook = lambda args: self._handle(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def remove(self) -> None:
        """Restore Python's default hooks."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        logger.error("Unhandled exception\n%s", details)
        self.caught.emit(f"{kind.__name__}: {error}", details)
