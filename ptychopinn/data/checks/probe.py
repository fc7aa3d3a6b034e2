"""Checks of the probe: finite values, flatness, width, scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.finding import Finding, named

_ENCLOSED = 0.9
_WIDE_SHARE = 0.8
_FLAT_SPREAD = 1e-3
_SCALE_FACTOR = 2.0


def probe_findings(probe: NDArray[Any], mean_counts: float | None, source: str) -> Iterator[Finding]:
    """Yield findings about the values of an (N, N) or (modes, N, N) probe."""
    name = named("probeGuess", source)
    subject = f"{name}, shape {probe.shape},"
    other = "Use the probe of a reconstruction, or calculate one from the optics."
    if not np.isfinite(probe).all():
        sentence = f"{subject} has values that are NaN or infinite; expected finite complex numbers."
        yield Finding("error", "probe_non_finite", sentence, "Use the probe of another reconstruction.")
        return
    modulus = np.abs(probe)
    if modulus.max() == 0:
        sentence = f"{subject} is zero everywhere; expected the illumination on the object."
        yield Finding("error", "probe_flat", sentence, other)
        return
    if np.ptp(modulus) <= _FLAT_SPREAD * modulus.max():
        sentence = f"{subject} has the same modulus everywhere, like a placeholder; expected a localised illumination."
        yield Finding("warning", "probe_flat", sentence, other)
        return
    if not np.iscomplexobj(probe):
        sentence = f"{subject} is real; expected complex numbers. Its phase is assumed to be zero."
        fix = "Calibrate the probe from the data, or export it with its phase."
        yield Finding("warning", "probe_real", sentence, fix)
    yield from _width(probe, name)
    if mean_counts:
        yield from _scale(modulus, mean_counts, name)


def probe_diameter(probe: NDArray[Any]) -> float | None:
    """Return the diameter in pixels of the circle around the centre of mass that contains 90 % of the intensity.

    Return None if the probe is zero or not finite.
    """
    intensity = np.square(np.abs(probe)).reshape(-1, *probe.shape[-2:]).sum(axis=0, dtype=np.float64)
    total = intensity.sum()
    if not np.isfinite(total) or total == 0:
        return None
    y, x = np.indices(intensity.shape)
    centre_y, centre_x = (intensity * y).sum() / total, (intensity * x).sum() / total
    radius = np.hypot(y - centre_y, x - centre_x).reshape(-1)
    order = np.argsort(radius)
    enclosed = np.cumsum(intensity.reshape(-1)[order])
    edge = radius[order[min(int(np.searchsorted(enclosed, _ENCLOSED * total)), len(order) - 1)]]
    return max(2 * float(edge), 1.0)


def _width(probe: NDArray[Any], name: str) -> Iterator[Finding]:
    diameter, size = probe_diameter(probe), probe.shape[-1]
    if diameter is not None and diameter > _WIDE_SHARE * size:
        sentence = (
            f"{name}: a circle with 90 % of the probe's intensity is {diameter:.0f} px wide in a window of {size} px; "
            f"expected at most {_WIDE_SHARE * size:.0f} px. The patterns undersample the far field of a wider probe."
        )
        fix = "Check that the probe is from this scan; if it is, measure with a smaller probe or less detector binning."
        yield Finding("warning", "probe_wide", sentence, fix)


def _scale(modulus: NDArray[Any], mean_counts: float, name: str) -> Iterator[Finding]:
    counts = float(np.square(modulus, dtype=np.float64).sum())
    if not 1 / _SCALE_FACTOR <= counts / mean_counts <= _SCALE_FACTOR:
        sentence = (
            f"{name} has {counts:,.3g} counts, but a pattern has {mean_counts:,.3g} on average; "
            "the probe is scaled to the data."
        )
        yield Finding("info", "probe_scale", sentence)
