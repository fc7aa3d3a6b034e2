"""Follow the output file of a job process and pass new lines to the log."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject

from ptychopinn_app.services.timers import repeated

PERIOD_MS = 200
CHUNK_BYTES = 64 * 1024


class LogTail(QObject):
    """Reads up to 64 kB of new output five times a second and passes on complete lines."""

    def __init__(self, feed: Callable[[str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._path: Path | None = None
        self._offset = 0
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._timer = repeated(self, self.read, PERIOD_MS)

    def follow(self, path: Path) -> None:
        """Follow a file, which need not exist yet."""
        self._path, self._offset, self._rest = path, 0, ""
        self._decoder.reset()
        self._timer.start()

    def finish(self) -> None:
        """Read the rest of the file and stop."""
        while self.read():
            pass
        if self._rest:
            self._feed(self._rest)
        self._rest = ""
        self._path = None
        self._timer.stop()

    def read(self) -> bool:
        """Read one chunk; return whether there was new output. After an error, the next call retries."""
        if self._path is None:
            return False
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                chunk = stream.read(CHUNK_BYTES)
        except OSError:
            return False
        self._offset += len(chunk)
        whole, newline, rest = (self._rest + self._decoder.decode(chunk)).rpartition("\n")
        self._rest = rest
        if newline:
            self._feed(whole)
        return bool(chunk)
