"""How much memory a training will need, from its settings and its scan (no Qt).

The sizes of the arrays follow from the networks; how many of them live at once was measured on small and
middle-sized trainings of both backends (`tests/benchmarks/memory_estimate.py` prints estimate and measurement).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ptychopinn.backends.cpu_features import multiplies_bfloat16
from ptychopinn.backends.method import LEVELS, cnn_widths
from ptychopinn.errors import ConfigError
from ptychopinn_app.checks.training_rules import Case, groups_per_epoch, position_pitch_px
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan

GB = 2**30
# Number format of features and weights, and of complex fields, in bytes.
REAL, COMPLEX = 4, 8
# Features of the narrowest layer of the unrolled network for a width of 1, and channels of its input.
FIRST_WIDTH, INPUTS = 8, 6
# Patterns and groups that go through the network at a time for a preview, as ptychopinn.backends has it.
PREVIEW_PATTERNS, PREVIEW_GROUPS = 256, 64
CANVAS_MULTIPLE = 8


@dataclass(frozen=True)
class _Measured:
    """What was fitted: bytes of the bare process, and how many copies of each kind of array live at the peak."""

    base: float
    weights: float
    trained_features: float
    trained_fields: float
    predicted_unrolled: float
    predicted_cnn: float
    predicted_fields: float


_MEASURED = {
    "pytorch": _Measured(0.48 * GB, 4.0, 1.27, 11.0, 0.68, 0.36, 8.9),
    "tensorflow": _Measured(0.70 * GB, 4.0, 1.30, 9.5, 0.64, 0.58, 3.4),
}
# What bfloat16 convolutions leave of the features: not half, since the weights and sums stay float32.
_HALF = 0.55
# What a GPU driver and its libraries take on the device; the scan and the program stay in the machine's memory.
_GPU_BASE = 0.6 * GB


def training_bytes(
    config: JobSettings,
    scan: Scan | None,
    test: Scan | None = None,
    *,
    batch_size: int | None = None,
    gpu: bool = False,
) -> int | None:
    """Estimate the peak memory of a training; None while scan or settings do not allow it.

    Parameters
    ----------
    batch_size : instead of that of the settings
    gpu : estimate what lies on the GPU instead of what lies in the machine's memory
    """
    if scan is None or not scan.usable or not scan.summary.n_patterns:
        return None
    case = Case(config, scan, scan.summary.n_patterns)
    sizes = [case.whole("model", name) for name in ("N", "gridsize", "n_filters_scale")]
    batch = batch_size or case.whole("training", "batch_size")
    if batch is None or any(size is None for size in sizes):
        return None
    n, gridsize, width = (size or 0 for size in sizes)
    members = gridsize**2
    modes = scan.summary.probe_modes or 1
    try:
        unrolled = config.values("model").get("architecture") == "unrolled"
        features, weights = _unrolled(case, n, width) if unrolled else _cnn(n, members, width)
    except ConfigError:
        return None
    features *= _HALF if _in_bfloat16(config, gpu) else 1.0
    fields = members * n * n * COMPLEX * modes
    trained = min(batch, groups_per_epoch(case))
    predicted = min(PREVIEW_GROUPS, max(PREVIEW_PATTERNS // members, 1), math.ceil(2 * case.count / members))
    found = _MEASURED[config.backend]
    held = found.predicted_unrolled if unrolled else found.predicted_cnn
    peak = max(
        trained * (found.trained_features * features + found.trained_fields * fields),
        predicted * (held * features + found.predicted_fields * fields),
    )
    base = _GPU_BASE if gpu else found.base + _patterns_bytes(scan) + (_patterns_bytes(test) if test is not None else 0)
    return int(base + found.weights * weights + peak)


def canvas_side(case: Case, n: int) -> int:
    """Estimate the side in pixels of the canvas on which the groups of a scan fit."""
    neighbours = case.whole("training", "neighbor_count") or 0
    pitch = position_pitch_px(case.scan)
    if case.config.gridsize == 1 or pitch is None:
        reach = 0.5
    else:
        # At the border of the scan the neighbours fill half a disk, which is wider than a whole one.
        reach = math.sqrt(2 * min(neighbours, case.count) / math.pi) * pitch
    return -(-(n + 2 * int(reach + 1.5)) // CANVAS_MULTIPLE) * CANVAS_MULTIPLE


def _unrolled(case: Case, n: int, width: int) -> tuple[float, float]:
    """Give the bytes of one group's features, and of the weights."""
    widths = [FIRST_WIDTH * width * 2**level for level in range(LEVELS + 1)]
    inputs = [INPUTS, *widths[:-1]]
    down = [(inputs[level] + 2 * widths[level]) / 4**level for level in range(LEVELS + 1)]
    joined = [widths[level] + widths[level + 1] for level in range(LEVELS)]
    up = [(joined[level] + 2 * widths[level]) / 4**level for level in range(LEVELS)]
    side = canvas_side(case, n)
    weights = _weights(inputs, widths) + _weights(joined, widths[:LEVELS])
    return REAL * side**2 * (sum(down) + sum(up)), REAL * weights


def _cnn(n: int, members: int, width: int) -> tuple[float, float]:
    """Give the bytes of one group's features, and of the weights."""
    down = cnn_widths(n, width)
    up = list(reversed(down))
    down_inputs, up_inputs = [members, *down[:-1]], [up[0], *up[:-1]]
    smallest = n / 2 ** len(down)
    falling = sum((i + 2 * o) * (n / 2**at) ** 2 for at, (i, o) in enumerate(zip(down_inputs, down, strict=True)))
    rising = sum((i + 2 * o) * (smallest * 2**at) ** 2 for at, (i, o) in enumerate(zip(up_inputs, up, strict=True)))
    # Amplitude and phase have a decoder each.
    weights = _weights(down_inputs, down) + 2 * _weights(up_inputs, up)
    return REAL * (falling + 2 * rising), REAL * weights


def _weights(inputs: Sequence[int], outputs: Sequence[int]) -> int:
    """Count the weights of blocks of two 3 x 3 convolutions."""
    return sum(9 * (i * o + o * o) for i, o in zip(inputs, outputs, strict=True))


def _in_bfloat16(config: JobSettings, gpu: bool) -> bool:
    """Whether the convolutions run in bfloat16; 'auto' takes it where the hardware has it, as present GPUs do."""
    precision = config.values("execution").get("precision") if config.backend == "pytorch" else "auto"
    return precision == "bf16-mixed" or (precision == "auto" and (gpu or _processor_multiplies_bfloat16()))


@cache
def _processor_multiplies_bfloat16() -> bool:
    return multiplies_bfloat16()


def _patterns_bytes(scan: Scan) -> int:
    """Give the bytes of a scan's patterns in memory; repairs need a copy."""
    shape, count = scan.summary.pattern_shape or (0, 0), scan.summary.n_patterns or 0
    size = np.dtype(scan.summary.dtype or "float32").itemsize
    return count * shape[-1] ** 2 * size * (2 if scan.fixes else 1)
