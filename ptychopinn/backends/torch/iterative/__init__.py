"""The iterative engine: rPIE over a whole scan, with probe, incoherent modes and positions."""
