"""Assemble patches into the object of the whole scan."""
