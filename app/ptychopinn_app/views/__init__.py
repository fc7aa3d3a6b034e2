"""Plots and images. They take arrays and know no jobs and no files."""
