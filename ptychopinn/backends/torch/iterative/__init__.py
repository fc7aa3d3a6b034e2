"""The iterative engine: reconstructs the object of a whole scan and refines the probe, its modes and the positions."""
