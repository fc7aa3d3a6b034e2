"""The best weights so far on disk while a training runs: a killed one loses only what came after."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

_logger = logging.getLogger("ptychopinn")

# Saving may take this part of the training's time.
_SHARE = 0.02
_FIRST_S = 10.0


class Snapshots:
    """Save after an epoch that is the best so far, when the last saving was long enough ago.

    Parameters
    ----------
    save : callable
        Writes the model as it is now.
    clock : callable
        Seconds; its differences count.
    """

    def __init__(self, save: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._save, self._clock = save, clock
        self._due = clock() + _FIRST_S

    def after_best(self) -> None:
        """Save if it is time; the weights are the best so far."""
        began = self._clock()
        if began < self._due:
            return
        try:
            self._save()
        except OSError as error:
            # A full disk must not end a training that may still be saved elsewhere.
            _logger.warning("the weights so far could not be saved (%s); the training goes on", error)
        ended = self._clock()
        self._due = ended + max(_FIRST_S, (ended - began) / _SHARE)
