"""Plots and images of arrays; they start no jobs and read no files."""
