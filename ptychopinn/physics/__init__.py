"""Reference implementation of the physics in float64 numpy: probe, exit wave, far field and simulation."""
