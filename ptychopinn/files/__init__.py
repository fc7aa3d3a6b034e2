"""Atomic writing and members of archives, independent of their contents."""
