"""Plots and images of arrays; independent of jobs and files."""
