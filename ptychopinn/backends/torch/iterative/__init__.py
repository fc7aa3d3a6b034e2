"""The iterative engine: rPIE over a whole scan, which also improves the probe, its modes and the positions."""
