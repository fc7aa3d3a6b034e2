"""Plots and images of arrays; they know nothing of jobs and files."""
