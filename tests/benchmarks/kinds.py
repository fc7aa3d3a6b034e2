"""Twenty kinds of simulated scans, each drawn by a seed: what the iterative engine is measured on.

They differ in overlap, phase range, object, counts, probe and size, and in the errors of the given probe and positions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ptychopinn.data.raw_data import RawData
from ptychopinn.physics.exit_wave import model_intensities
from ptychopinn.physics.far_field import back_propagate
from ptychopinn.physics.sample_object import sample_object
from ptychopinn.physics.scan_positions import fermat, raster
from ptychopinn.physics.zone_plate_probe import zone_plate_probe
from ptychopinn.quality.align import align
from ptychopinn.quality.compare import figures_of
from ptychopinn.quality.coverage import dose

_WORST_COUNTS = 1e3


@dataclass(frozen=True)
class Kind:
    """One kind of scan.

    Attributes
    ----------
    patterns : int
    step_px : float
        Distance between neighbouring positions.
    n : int
        Side of the patterns in pixels.
    width_px : float
        Full width of the probe at half its largest intensity; 0 for a defocused zone plate of 0.55 ``n``.
    phase_rad : float
        Standard deviation of the object's phase.
    texture : 'smooth', 'slow', 'cells', 'sample'
        Smooth on three scales or only on the two coarser ones, binary cells, or the product's own sample.
    counts : float
        Mean counts per pattern.
    probe_error : '', 'wide' or 'defocus'
        What is wrong with the given probe: 20 % too wide, or in another plane.
    position_error_px : float
        Standard deviation of the error of the given positions.
    modes : int
        Incoherent modes of the actual probe; the given probe has only the first.
    """

    patterns: int
    step_px: float
    n: int = 64
    width_px: float = 18.0
    phase_rad: float = 1.0
    texture: str = "smooth"
    counts: float = 1e6
    probe_error: str = ""
    position_error_px: float = 0.0
    modes: int = 1

    @property
    def sparse(self) -> bool:
        """Return whether neighbouring probes overlap by 40 % or less, of their full width at half intensity."""
        return self.step_px >= 0.6 * (self.width_px or 0.55 * self.n)

    @property
    def dim(self) -> bool:
        """Return whether there are so few counts that R falls while noise is fitted."""
        return self.counts <= _WORST_COUNTS


KINDS = {
    "overlap97": Kind(500, 1.6, width_px=0, phase_rad=1.16, counts=1e7),
    "zone_plate_cells": Kind(450, 5.5, width_px=0, texture="cells", counts=1e6),
    "sample85": Kind(300, 5.4, width_px=0, texture="sample"),
    "strong_phase": Kind(350, 4.0, phase_rad=3.0, texture="slow"),
    "weak_phase": Kind(300, 5.0, phase_rad=0.1, counts=1e7),
    "overlap60": Kind(200, 7.2, texture="cells", counts=1e8),
    "counts100": Kind(400, 4.0, counts=1e2),
    "counts1000": Kind(400, 4.0, counts=1e3, texture="cells"),
    "counts10000": Kind(400, 4.5, counts=1e4),
    "wide_probe": Kind(300, 5.0, probe_error="wide"),
    "defocused_probe": Kind(300, 5.5, width_px=0, texture="cells", probe_error="defocus"),
    "position_error": Kind(350, 5.0, texture="cells", position_error_px=1.0),
    "three_modes": Kind(350, 5.0, modes=3, counts=1e7),
    "n128": Kind(150, 11.0, n=128, width_px=0, texture="sample", counts=1e7),
    "n256": Kind(60, 22.0, n=256, width_px=0, counts=1e8),
    "broad_probe": Kind(300, 6.5, width_px=22.0, texture="cells", counts=1e5),
    "sparse40": Kind(80, 11.0),
    "sparse33": Kind(59, 12.0, texture="cells"),
    "sparse10": Kind(40, 16.5),
    "sparse0": Kind(32, 18.0, texture="sample"),
}


@dataclass(frozen=True)
class Simulated:
    """A simulated scan and the truth behind it: object (rows, columns) and probe (mode, N, N)."""

    raw: RawData
    object_: NDArray[np.complex128]
    probe: NDArray[np.complex64]


def simulated(kind: Kind, seed: int) -> Simulated:
    """Draw a scan of a kind; the given object is left out, so that nothing can start from it."""
    rng = np.random.default_rng([seed, kind.patterns, int(kind.step_px * 100), kind.n])
    points = (raster if seed % 2 else _fermat)(kind.patterns, kind.step_px, rng)
    margin = kind.n // 2 + 3
    points = points - points.min(axis=0) + margin + rng.uniform(0, 1, 2)
    shape = tuple(int(size) for size in np.ceil(points.max(axis=0)) + margin)
    obj = _object(kind, (shape[0], shape[1]), rng)
    probe = _probe(kind, rng)
    counts = np.stack(list(model_intensities(obj.astype(np.complex64), probe, points)))
    gain = kind.counts / counts.sum(axis=(1, 2)).mean()
    measured = np.sqrt(rng.poisson(counts * gain)).astype(np.float32)
    given = _wrong(probe, kind, rng)
    given_px = points + rng.normal(0, kind.position_error_px, points.shape) if kind.position_error_px else points
    raw = RawData.from_coords_without_pc(
        given_px[:, 1].copy(),
        given_px[:, 0].copy(),
        measured,
        given * np.float32(np.sqrt(gain)),
        None,
        diff3d_units="amplitude",
    )
    return Simulated(raw, obj, probe * np.float32(np.sqrt(gain)))


def small(kind: Kind, patterns: int) -> Kind:
    """Return a kind with fewer patterns, for a quick look at it."""
    return replace(kind, patterns=min(kind.patterns, patterns))


def error_against(
    truth: Simulated, obj: NDArray[np.complexfloating], positions_px: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the relative error of an object, weighted by the dose, and its phase PSNR in dB.

    A complex factor, a phase ramp and a common shift of object and probe are removed first: no pattern depends on them.
    """
    raw = truth.raw
    low = np.maximum(np.rint((positions_px - raw.positions_px).mean(axis=0)), 0).astype(int)
    found = obj[low[0] :, low[1] :]
    rows, columns = (min(a, b) for a, b in zip(found.shape, truth.object_.shape, strict=True))
    found, true = found[:rows, :columns].astype(complex), truth.object_[:rows, :columns]
    light = dose(truth.probe, raw.positions_px, (rows, columns))
    lit = light > 0.1 * light.max()
    aligned, _ = align(found, true, lit)
    weight = np.minimum(light / light.max(), 0.3) * lit
    error = float(np.sqrt((weight * np.abs(aligned - true) ** 2).sum() / (weight * np.abs(true) ** 2).sum()))
    return error, figures_of(aligned, true, lit)["phase_psnr_db"]


def _fermat(patterns: int, step_px: float, rng: np.random.Generator) -> NDArray[np.float64]:
    return fermat(patterns, step_px)


def _object(kind: Kind, shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.complex128]:
    if kind.texture == "sample":
        return sample_object(shape, rng).astype(np.complex128)
    if kind.texture == "cells":
        field = ndimage.gaussian_filter(rng.standard_normal(shape), 4.0) + 0.3 * ndimage.gaussian_filter(
            rng.standard_normal(shape), 1.5
        )
        phase = ndimage.gaussian_filter((field > np.median(field)).astype(float), 0.5)
    else:
        sigmas = (6.0, 18.0) if kind.texture == "slow" else (2.0, 6.0, 18.0)
        phase = sum(sigma * ndimage.gaussian_filter(rng.standard_normal(shape), sigma) for sigma in sigmas)
    phase = (phase - phase.mean()) / phase.std()
    return np.clip(0.9 - 0.08 * phase, 0.3, 1.1) * np.exp(1j * kind.phase_rad * phase)


def _probe(kind: Kind, rng: np.random.Generator) -> NDArray[np.complex64]:
    if not kind.width_px:
        first = zone_plate_probe(kind.n, rng=rng)
    else:
        y, x = (np.mgrid[: kind.n, : kind.n] - kind.n // 2).astype(float)
        sigma = kind.width_px / 1.665
        lean = rng.normal(0, 0.3 / sigma, 2)
        curve = rng.uniform(0.5, 1.5) / sigma**2
        first = np.exp(-(y**2 + x**2) / (2 * sigma**2)) * np.exp(
            1j * (curve * (y**2 + 1.2 * x**2) / 2 + lean[0] * y + lean[1] * x + 0.3 * (y / sigma) ** 3 / 3)
        )
    modes = [first / np.sqrt(np.sum(np.abs(first) ** 2))]
    spots = np.mgrid[: kind.n, : kind.n] - kind.n // 2
    for number in range(1, kind.modes):
        mode = modes[0] * spots[number % 2]
        for other in modes:
            mode = mode - other * np.vdot(other, mode) / np.vdot(other, other)
        modes.append(np.sqrt(0.12 / number) * mode / np.sqrt(np.sum(np.abs(mode) ** 2)))
    return np.stack(modes).astype(np.complex64)


def _wrong(probe: NDArray[np.complex64], kind: Kind, rng: np.random.Generator) -> NDArray[np.complex64]:
    """Return the probe as given to the engine."""
    first = probe[:1]
    if kind.probe_error == "wide":
        n = kind.n
        at = (np.mgrid[:n, :n] - n // 2) / 1.2 + n // 2
        parts = [ndimage.map_coordinates(part, at, order=3) for part in (first[0].real, first[0].imag)]
        first = (parts[0] + 1j * parts[1])[None]
    if kind.probe_error == "defocus":
        frequency = np.fft.fftshift(np.fft.fftfreq(kind.n))
        chirp = np.exp(1j * 60.0 * (frequency[:, None] ** 2 + frequency[None] ** 2))
        spectrum = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(first[0])))
        first = np.fft.fftshift(back_propagate(spectrum * chirp))[None]
    scale = np.sqrt(np.sum(np.abs(probe) ** 2) / np.sum(np.abs(first) ** 2))
    return (first * scale).astype(np.complex64)
