"""Consistency checks between settings, data, model and machine, with fixes (no Qt)."""
