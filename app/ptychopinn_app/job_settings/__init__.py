"""The settings of a job: values, files, presets and scripts, without Qt."""
