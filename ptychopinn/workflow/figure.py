"""A figure of amplitude and phase with scale bar and colour bars, for a talk or a logbook."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ptychopinn.files.atomic import atomic_path
from ptychopinn.product import npz
from ptychopinn.product.images import centred_phase
from ptychopinn.quality.coverage import dose, lit_mask

_INCHES = (10.0, 4.6)
_DPI = 200
# The scale bar is at most this fraction of the image.
_WIDEST = 0.3
_UNITS = ((1e-3, "mm"), (1e-6, "µm"), (1e-9, "nm"), (1e-12, "pm"))


def write_figure(path: Path, object_file: Path, amplitude_map: str = "gray", phase_map: str = "gray") -> None:
    """Draw the object in ``object.npz``; the scale bar is in metres if the pixel size is known, else in pixels.

    Raises
    ------
    DataError, MissingFileError
        The file is not a reconstruction.
    """
    # Without pyplot, a host program that draws as well shares no state of matplotlib.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    product = npz.read(object_file)
    lit = lit_mask(dose(product.probe, product.positions_px, product.object_.shape))
    lit = lit if lit.any() else np.ones(product.object_.shape, bool)
    rows, columns = (np.flatnonzero(lit.any(axis=axis)) for axis in (1, 0))
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    page = Figure(figsize=_INCHES, layout="constrained")
    FigureCanvasAgg(page)
    pictures = (
        (np.abs(product.object_), "Amplitude", amplitude_map),
        (centred_phase(product.object_, lit), "Phase (rad)", phase_map),
    )
    for axis, (values, title, colours) in zip(page.subplots(1, 2), pictures, strict=True):
        low, high = np.percentile(values[lit], [0.5, 99.5])
        shown = np.where(lit, values, np.nan)[window]
        image = axis.imshow(shown, cmap=colours, vmin=low, vmax=high, interpolation="nearest")
        axis.set_title(title)
        axis.set_axis_off()
        page.colorbar(image, ax=axis, shrink=0.85)
        height, width = shown.shape
        length_px, words = bar_length(width, product.pixel_size_m)
        left, top = 0.04 * width, 0.94 * height
        axis.add_patch(Rectangle((left, top), length_px, 0.015 * height, color="white", ec="black", lw=0.4))
        axis.text(
            left + length_px / 2,
            top - 0.015 * height,
            words,
            color="white",
            ha="center",
            va="bottom",
            fontsize=9,
            bbox={"facecolor": "black", "alpha": 0.45, "edgecolor": "none", "pad": 1.5},
        )
    with atomic_path(path) as temporary:
        page.savefig(temporary, dpi=_DPI, format=path.suffix.lstrip(".").lower())


def bar_length(width_px: int, pixel_size_m: float | None) -> tuple[float, str]:
    """Return a scale bar's length in pixels for an image of a given width, and its label, a round length with a unit.

    Parameters
    ----------
    width_px : int
    pixel_size_m : float or None
        Width of a pixel; None for a label in pixels.
    """
    size = 1.0 if pixel_size_m is None else pixel_size_m
    most = _WIDEST * width_px * size
    decade = 10.0 ** math.floor(math.log10(most))
    length = next(step * decade for step in (5, 2, 1) if step * decade <= most * (1 + 1e-9))
    if pixel_size_m is None:
        return length, f"{length:g} px"
    factor, unit = next((each for each in _UNITS if length >= each[0] * (1 - 1e-9)), _UNITS[-1])
    return length / size, f"{length / factor:.3g} {unit}"
