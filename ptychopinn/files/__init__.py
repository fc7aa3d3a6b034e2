"""Whole files or none, and the members of archives, without knowledge of their contents."""
