"""Reconstruction products: object, probe and positions, and the files that hold them."""
