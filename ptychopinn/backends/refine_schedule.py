"""The order in which refinement takes the patterns, the same for every framework."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ptychopinn.workflow.events import Batch, Report, Stop

# Regularisation of the update; smaller is faster on perfect data and noisier where little light falls.
ALPHA = 0.2
# Patterns updated at a time: enough to use the machine, few enough to stay nearly sequential.
_BATCH = 24


def refine_batches(
    n_patterns: int, sweeps: int, seed: int, report: Report, should_stop: Stop
) -> Iterator[NDArray[np.int64]]:
    """Yield the patterns of every update, in random order, each once a sweep; report what is done, end on a stop."""
    order = np.random.default_rng(seed)
    batches = -(-n_patterns // _BATCH)
    for sweep in range(sweeps):
        shuffled = order.permutation(n_patterns)
        for number in range(batches):
            if should_stop():
                return
            yield shuffled[number * _BATCH : (number + 1) * _BATCH]
            report(Batch(sweep + 1, sweeps, number + 1, batches, float("nan")))
