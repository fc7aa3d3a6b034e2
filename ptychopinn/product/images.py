"""Images of a reconstruction: PNG for viewing, TIFF for measuring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ptychopinn.errors import DataError
from ptychopinn.files.atomic import atomic_path
from ptychopinn.product.colour_maps import colour_table

# Values beyond these become black and white.
_PERCENTILES = (0.5, 99.5)


def render(
    array: NDArray[Any],
    cmap: str = "gray",
    *,
    levels: tuple[float, float] | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Return the colours of a real image, (height, width, 4) uint8: red, green, blue, opacity.

    Values that are not finite or outside `mask` become transparent and do not affect the levels. Without `levels`,
    the colour map spans from a low to a high percentile of the values. A constant image has the middle colour.

    Raises
    ------
    DataError
        The array is not 2-D and real, the mask has a different shape, or the colour map is unknown.
    """
    _check_image(array)
    shown = np.isfinite(array)
    if mask is not None:
        if mask.shape != array.shape:
            raise DataError(f"The mask has shape {mask.shape}", f"{array.shape}, the image's shape")
        shown &= mask
    if levels is None:
        levels = tuple(np.percentile(array[shown], _PERCENTILES)) if shown.any() else (0.0, 0.0)
    low, high = levels
    values = np.where(shown, array, low).astype(np.float64)
    scaled = np.clip((values - low) / (high - low), 0, 1) if high > low else np.full(array.shape, 0.5)
    colours = colour_table(cmap)[np.rint(scaled * 255).astype(np.uint8)]
    opacity = np.where(shown, 255, 0).astype(np.uint8)
    return np.concatenate([colours, opacity[..., None]], axis=2)


def write_png(
    path: str | Path,
    array: NDArray[Any],
    cmap: str = "gray",
    *,
    levels: tuple[float, float] | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> None:
    """Write a real (height, width) image as PNG with the colours of `render`.

    The opacity channel is omitted if all pixels are opaque.
    """
    pixels = render(array, cmap, levels=levels, mask=mask)
    if (pixels[..., 3] == 255).all():
        pixels = pixels[..., 0] if cmap == "gray" else pixels[..., :3]
    with atomic_path(path) as temporary:
        Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, format="PNG")


def write_tiff(path: str | Path, array: NDArray[Any]) -> None:
    """Write a real (height, width) image as 32-bit floating-point TIFF, without scaling its values.

    Raises
    ------
    DataError
        The array is not 2-D and real.
    """
    _check_image(array)
    with atomic_path(path) as temporary:
        Image.fromarray(np.ascontiguousarray(array, dtype=np.float32)).save(temporary, format="TIFF")


def centred_phase(obj: NDArray[np.complex64], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the phase (rows, columns) in rad, shifted to a mean near 0 inside the mask to avoid most phase wraps."""
    mean = obj[mask].mean() if mask.any() else obj.mean()
    return np.angle(obj * np.exp(-1j * np.angle(mean))).astype(np.float32)


def _check_image(array: NDArray[Any]) -> None:
    if array.ndim != 2 or 0 in array.shape or array.dtype.kind not in "biuf":
        raise DataError(
            f"The image has shape {array.shape} and dtype {array.dtype}",
            "a real image (height, width)",
            "Use the modulus or the phase of a complex array.",
        )
