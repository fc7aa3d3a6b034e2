"""Atomic file writing and access to the members of zip files, whatever they contain."""
