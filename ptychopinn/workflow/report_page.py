"""The page of a quality report."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.files.atomic import atomic_path
from ptychopinn.product.images import centred_phase
from ptychopinn.product.product import Product
from ptychopinn.quality.frc import Frc, resolution_words
from ptychopinn.quality.rfactor import RFactor

_INCHES = (11.7, 8.3)
_DPI = 160
# Characters between the left edge of the text column and the edge of the page.
_LINE = 40
# Left, bottom, width and height of the drawing, as fractions of the page.
_FRAME = (0.015, 0.015, 0.97, 0.97)
_TITLES = {"split_half": "half-scan", "truth": "against ground truth"}


def write_page(
    path: Path,
    figures: Mapping[str, Any],
    product: Product,
    figure: RFactor,
    light: NDArray[np.float32],
    lit: NDArray[np.bool_],
    curves: Mapping[str, Frc],
) -> None:
    """Draw amplitude, phase, R of every pattern, coverage, Fourier ring correlation and the metrics.

    Parameters
    ----------
    path : Path
        PNG file.
    figures : mapping
        Figures of merit by name.
    light : array (rows, columns), float32
        Dose.
    lit : array (rows, columns), bool
        Pixels to show.
    """
    # Without pyplot, a host program that draws as well shares no state of matplotlib.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    page = Figure(figsize=_INCHES, layout=ConstrainedLayoutEngine(rect=_FRAME))
    FigureCanvasAgg(page)
    axes = page.subplots(2, 3)
    title = product.name if product.name != "PtychoPINN" else "Reconstruction"
    page.suptitle(title, fontsize=13, y=0.985)
    phase = centred_phase(product.object_, lit)
    pictures = (
        (axes[0, 0], np.abs(product.object_), "Amplitude", "gray", lit),
        (axes[0, 1], phase, "Phase (rad)", "gray", lit),
        (axes[1, 1], light / max(float(light.max()), 1e-300), "Coverage (relative dose)", "viridis", light > 0),
    )
    for axis, values, name, colours, shown in pictures:
        low, high = np.percentile(values[shown], [0.5, 99.5]) if shown.any() else (0.0, 1.0)
        image = axis.imshow(np.where(shown, values, np.nan), cmap=colours, vmin=low, vmax=high)
        axis.set_title(name, fontsize=10)
        _name_axes(axis)
        page.colorbar(image, ax=axis, shrink=0.8).ax.tick_params(labelsize=8)
    y, x = product.positions_px.T
    dots = axes[1, 0].scatter(x, y, c=figure.per_position, s=9, cmap="magma")
    axes[1, 0].set_aspect("equal")
    axes[1, 0].invert_yaxis()
    axes[1, 0].set_title("R of each pattern", fontsize=10)
    _name_axes(axes[1, 0])
    page.colorbar(dots, ax=axes[1, 0], shrink=0.8).ax.tick_params(labelsize=8)
    _draw_curves(axes[0, 2], curves)
    axes[1, 2].axis("off")
    axes[1, 2].text(0, 1, "\n".join(_lines(figures)), va="top", family="monospace", fontsize=9)
    with atomic_path(path) as temporary:
        page.savefig(temporary, dpi=_DPI, format="png")


def _name_axes(axis: Any) -> None:
    axis.set_xlabel("x (pixels)", fontsize=8)
    axis.set_ylabel("y (pixels)", fontsize=8)
    axis.tick_params(labelsize=8)


def _draw_curves(axis: Any, curves: Mapping[str, Frc]) -> None:
    axis.set_title("Fourier ring correlation", fontsize=10)
    if not curves:
        axis.axis("off")
        return
    for name, curve in curves.items():
        axis.plot(curve.frequency, curve.correlation, label=_TITLES[name])
    last = next(iter(curves.values()))
    axis.plot(last.frequency, last.half_bit, "--", color="gray", label="half-bit threshold")
    axis.set_xlim(0, 0.5)
    axis.set_ylim(-0.1, 1.05)
    axis.set_xlabel("cycles per pixel", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.legend(fontsize=8)


def _lines(figures: Mapping[str, Any]) -> list[str]:
    def pixels(value: float | None) -> str:
        return "not measured" if value is None else resolution_words(value)

    lines = [
        f"R                      {figures['r_factor']:.4f}",
        f"noise floor            {figures['noise_floor']:.4f}",
        f"R, median pattern      {figures['r_median']:.4f}",
        f"R, 95th percentile     {figures['r_p95']:.4f}",
        f"worst pattern          {figures['worst_pattern']} ({figures['r_worst']:.4f})",
        f"object seen            {100 * figures['lit_fraction']:.0f} %",
        f"half-scan FRC          {pixels(figures['split_half_px'])}",
    ]
    if figures["truth_px"] is not None:
        lines.append(f"FRC, ground truth      {pixels(figures['truth_px'])}")
    for name in ("amplitude", "phase"):
        if f"{name}_psnr_db" in figures["metrics"]:
            psnr, ssim = figures["metrics"][f"{name}_psnr_db"], figures["metrics"][f"{name}_ssim"]
            lines.append(f"{name:10s} PSNR, SSIM  {psnr:.1f} dB, {ssim:.3f}")
    for sentence in (figures["flat_start"], figures["flat"]):
        if sentence:
            lines += ["", *textwrap.wrap(sentence, _LINE)]
    return lines
