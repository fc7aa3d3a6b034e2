"""Reconstruction products: object, probe and positions, and their files."""
