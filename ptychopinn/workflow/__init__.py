"""The jobs a user starts: train, reconstruct, demo, and the events that they report."""
