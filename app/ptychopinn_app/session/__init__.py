"""State of the application: data, model, settings, runs and the one running job."""
