"""The iterative engine: rPIE or ePIE over a whole scan, which also improves the probe, its modes and the positions."""
