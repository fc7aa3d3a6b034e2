"""Atomic file writing, and access to the arrays in NPZ files."""
