"""The float64 numpy reference of the physics: probe, exit wave, far field, likelihood, simulation."""
