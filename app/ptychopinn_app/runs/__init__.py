"""Folders of finished and running jobs, without Qt."""
