"""Application state: data, model, settings, runs and the single running job."""
