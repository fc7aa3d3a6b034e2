"""Run folders: notes, previews and results (no Qt)."""
