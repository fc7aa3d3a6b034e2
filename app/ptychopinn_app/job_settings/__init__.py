"""Job settings: values, files, presets and scripts (no Qt)."""
