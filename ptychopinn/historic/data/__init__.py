"""Grouped arrays, containers and file layouts of the historic names."""
