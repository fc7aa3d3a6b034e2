"""Folders of runs: notes, previews and results (no Qt)."""
