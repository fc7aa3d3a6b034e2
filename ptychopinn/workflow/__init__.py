"""The jobs that a user starts: train, reconstruct, iterate, report, watch, demo."""
