"""Settings of a job: values, files, presets and scripts (no Qt)."""
