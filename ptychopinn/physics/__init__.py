"""The float64 numpy reference implementation of the physics: probe, exit wave, far field, likelihood, simulation."""
