"""Consistency checks between settings, data, model and machine, without Qt."""
