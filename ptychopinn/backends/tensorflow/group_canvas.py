"""The common pixel grid of a group of neighbouring patterns, and the probe at each position."""

from __future__ import annotations

from typing import Any, NamedTuple

import tensorflow as tf

from ptychopinn.backends.tensorflow.far_field import fourier_shift, power


class GroupCanvas(NamedTuple):
    """Layout of the patches of each group on a canvas; all canvases of a batch have the same shape.

    Patches lie on whole canvas pixels; the subpixel part of a position shifts the probe, so the object is never
    interpolated.

    Attributes
    ----------
    shape : tensor (3,), int32
        Number of groups, canvas rows and columns; canvas index ``[rows//2, columns//2]`` is the group's origin.
    flat_index : tensor (group * channel, N, N), int32
        Index of every patch pixel in the flattened canvases (group, rows, columns).
    probe : tensor (group * channel, mode, N, N), complex64
    dose : tensor (group, rows, columns), float32
        Summed probe intensity.
    """

    shape: Any
    flat_index: Any
    probe: Any
    dose: Any

    @classmethod
    def build(cls, offsets_px: Any, probe: Any, side: Any) -> GroupCanvas:
        """Return the layout of a batch.

        Parameters
        ----------
        offsets_px : tensor (group, channel, 2), float32
            Scan positions (y, x) relative to the group's origin.
        probe : tensor (mode, N, N), complex64
        side : int or tensor ()
            Rows and columns of the canvas; patches that would extend beyond it are moved to its edge.
        """
        groups, channels = tf.shape(offsets_px)[0], tf.shape(offsets_px)[1]
        n = probe.shape[-1]
        side = tf.convert_to_tensor(side, tf.int32)
        offsets = tf.reshape(offsets_px, (-1, 2))
        whole = tf.floor(offsets + 0.5)
        corner = tf.clip_by_value(tf.cast(whole, tf.int32) + side // 2 - n // 2, 0, side - n)
        steps = tf.range(n)
        rows, columns = corner[:, :1] + steps, corner[:, 1:] + steps
        group = tf.repeat(tf.range(groups), channels)
        flat = (group[:, None, None] * side + rows[:, :, None]) * side + columns[:, None, :]
        moved = fourier_shift(probe, offsets - whole)
        shape = tf.stack([groups, side, side])
        return cls(shape, flat, moved, _place(flat, tf.reduce_sum(power(moved), axis=1), shape))

    def extract(self, canvas: Any) -> Any:
        """Cut the patches (group * channel, N, N) out of the canvases (group, rows, columns)."""
        return tf.gather(tf.reshape(canvas, (-1,)), self.flat_index)

    def place(self, patches: Any) -> Any:
        """Add patches (group * channel, N, N) to empty canvases: the adjoint of :meth:`extract`."""
        return _place(self.flat_index, patches, self.shape)

    def central_dose(self, side_px: int) -> Any:
        """Return the dose (group, rows, columns) of each patch's central ``side_px`` square; 0 uses whole patches."""
        if side_px <= 0:
            return self.dose
        n = self.probe.shape[-1]
        low = max((n - side_px) // 2, 0)
        inside = tf.cast((tf.range(n) >= low) & (tf.range(n) < low + side_px), tf.float32)
        return self.place(tf.reduce_sum(power(self.probe), axis=1) * inside[:, None] * inside)

    def merge(self, patches: Any) -> Any:
        """Average overlapping patches on the canvas, weighted by the probe's intensity."""
        weight = tf.stop_gradient(tf.reduce_sum(power(self.probe), axis=1))
        weight += 1e-3 * tf.reduce_max(weight, axis=(-2, -1), keepdims=True)
        total = tf.maximum(self.place(weight), 1e-12)
        return self.place(as_complex(weight) * patches) / as_complex(total)


def as_complex(values: Any) -> Any:
    """Return real float32 values as complex64."""
    # A cast would do the same, but warns of a discarded imaginary part when gradients come back through it.
    return tf.complex(values, tf.zeros_like(values))


def _place(flat_index: Any, patches: Any, shape: Any) -> Any:
    pixels = tf.reduce_prod(shape)
    summed = tf.math.unsorted_segment_sum(tf.reshape(patches, (-1,)), tf.reshape(flat_index, (-1,)), pixels)
    return tf.reshape(summed, shape)
