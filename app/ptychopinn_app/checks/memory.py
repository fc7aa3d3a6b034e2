"""Compare the estimated memory of a training run with the free memory (no Qt).

The sizes of the arrays follow from the networks. The number of arrays that exist simultaneously was measured on small
and medium training runs with both backends; `tests/benchmarks/memory_estimate.py` checks the estimates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ptychopinn.backends.cpu_features import multiplies_bfloat16
from ptychopinn.backends.method import LEVELS, PREDICTED_PATTERNS, PREVIEW_GROUPS, cnn_widths
from ptychopinn.data.container import canvas_side
from ptychopinn.errors import ConfigError
from ptychopinn_app.binder.values import GB, in_gb
from ptychopinn_app.checks.finding import Check, check, set_to
from ptychopinn_app.checks.training_rules import TrainingCase, position_pitch_px
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan

# Bytes of one number in features and weights, and in complex fields.
REAL, COMPLEX = 4, 8
# Features of the narrowest layer of the unrolled network at width 1, and its input channels.
FIRST_WIDTH, INPUTS = 8, 6


@dataclass(frozen=True)
class _Measured:
    """Fitted constants: size of the bare process in bytes, and peak number of copies of each kind of array."""

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
# Relative size of features with bfloat16 convolutions: above 0.5, because weights and sums stay float32.
_HALF = 0.55
# Memory of the GPU driver and libraries on the device. Scan and program stay in main memory.
_GPU_BASE = 0.6 * GB

_processor_multiplies_bfloat16 = cache(multiplies_bfloat16)


def training_bytes(
    config: JobSettings,
    scan: Scan | None,
    test: Scan | None = None,
    *,
    batch_size: int | None = None,
    gpu: bool = False,
) -> int | None:
    """Estimate the peak memory of a training run in bytes; None without a usable scan and valid settings.

    Parameters
    ----------
    batch_size : overrides the batch size in the settings
    gpu : estimate GPU memory instead of main memory
    """
    if scan is None or not scan.usable or not scan.summary.n_patterns:
        return None
    case = TrainingCase(config, scan, scan.summary.n_patterns)
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
    trained = min(batch, case.groups_per_epoch)
    predicted = min(PREVIEW_GROUPS, max(PREDICTED_PATTERNS // members, 1), math.ceil(2 * case.count / members))
    copies = _MEASURED[config.backend]
    predicted_features = copies.predicted_unrolled if unrolled else copies.predicted_cnn
    peak = max(
        trained * (copies.trained_features * features + copies.trained_fields * fields),
        predicted * (predicted_features * features + copies.predicted_fields * fields),
    )
    scans = sum(_patterns_bytes(each) for each in (scan, test) if each is not None)
    return int((_GPU_BASE if gpu else copies.base + scans) + copies.weights * weights + peak)


def memory_line(need: int | None, free: int | None, on_gpu: bool) -> str:
    """Return text such as 'Needs about 2.1 GB of 21 GB free'; empty if there is no estimate."""
    if need is None:
        return ""
    of = f" of {in_gb(free)} GB {'on GPU' if on_gpu else 'free'}" if free is not None else ""
    return f"Needs about {in_gb(need)} GB{of}"


def memory_checks(
    config: JobSettings, scan: Scan | None, test: Scan | None, free: int | None, on_gpu: bool
) -> Iterator[Check]:
    """Warn if a training run needs more than the free memory, and offer the largest batch size that fits."""
    need = training_bytes(config, scan, test, gpu=on_gpu)
    if need is None or free is None or need <= free:
        return
    where = "on the GPU" if on_gpu else "in memory"
    words = f"Training needs about {in_gb(need)} GB, but only {in_gb(free)} GB are free {where}."
    batch = config.values("training").get("batch_size")
    smaller = batch if isinstance(batch, int) else 1
    while smaller > 1:
        smaller = 2 ** ((smaller - 1).bit_length() - 1)
        less = training_bytes(config, scan, test, batch_size=smaller, gpu=on_gpu)
        if less is not None and less <= free:
            yield check("warning", "memory", words, set_to("batch size", "training", "batch_size", smaller))
            return
    yield check("warning", "memory", f"{words} Use a smaller grid size or network width, or close other programs.")


def estimated_side(case: TrainingCase, n: int) -> int:
    """Estimate the width in pixels of the canvas on which each group of a scan is placed."""
    neighbours = case.whole("training", "neighbor_count") or 0
    pitch = position_pitch_px(case.scan)
    if case.config.gridsize == 1 or pitch is None:
        reach = 0.5
    else:
        # At the border of the scan the neighbours fill a half disk, which is wider than a full disk of that area.
        reach = math.sqrt(2 * min(neighbours, case.count) / math.pi) * pitch
    return canvas_side(n, reach)


def _unrolled(case: TrainingCase, n: int, width: int) -> tuple[float, float]:
    """Return the sizes in bytes of one group's features and of the weights, for the 'unrolled' architecture."""
    widths = [FIRST_WIDTH * width * 2**level for level in range(LEVELS + 1)]
    joined = [widths[level] + widths[level + 1] for level in range(LEVELS)]
    side = estimated_side(case, n)
    sides = [side / 2**level for level in range(LEVELS + 1)]
    down, down_weights = _blocks([INPUTS, *widths[:-1]], widths, sides)
    up, up_weights = _blocks(joined, widths[:-1], sides[:-1])
    return REAL * (down + up), REAL * (down_weights + up_weights)


def _cnn(n: int, members: int, width: int) -> tuple[float, float]:
    """Return the sizes in bytes of one group's features and of the weights, for the 'cnn' architecture."""
    widths = cnn_widths(n, width)
    sides = [n / 2**level for level in range(len(widths) + 1)]
    down, down_weights = _blocks([members, *widths[:-1]], widths, sides[:-1])
    up, up_weights = _blocks([widths[-1], *widths[:0:-1]], widths[::-1], sides[:0:-1])
    # Amplitude and phase have a decoder each.
    return REAL * (down + 2 * up), REAL * (down_weights + 2 * up_weights)


def _blocks(inputs: Sequence[int], outputs: Sequence[int], sides: Sequence[float]) -> tuple[float, int]:
    """Count the features and weights in blocks of two 3 x 3 convolutions on square images."""
    layers = list(zip(inputs, outputs, sides, strict=True))
    return sum((i + 2 * o) * side**2 for i, o, side in layers), sum(9 * (i * o + o * o) for i, o, _ in layers)


def _in_bfloat16(config: JobSettings, gpu: bool) -> bool:
    """Return whether the convolutions run in bfloat16; 'auto' selects it on GPUs and on CPUs that support it."""
    precision = config.values("execution").get("precision") if config.backend == "pytorch" else "auto"
    return precision == "bf16-mixed" or (precision == "auto" and (gpu or _processor_multiplies_bfloat16()))


def _patterns_bytes(scan: Scan) -> int:
    """Return the memory in bytes taken by a scan's patterns, including the copy made when fixes are applied."""
    shape, count = scan.summary.pattern_shape or (0, 0), scan.summary.n_patterns or 0
    size = np.dtype(scan.summary.dtype or "float32").itemsize
    return count * shape[-1] ** 2 * size * (2 if scan.fixes else 1)
