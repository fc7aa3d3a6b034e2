"""Figures of merit of a reconstruction, against the data and against a ground truth."""
