"""The iterative engine: rPIE over a whole scan, with probe, incoherent modes and positions."""

from ptychopinn.backends.torch.iterative.solver import solve

__all__ = ["solve"]
