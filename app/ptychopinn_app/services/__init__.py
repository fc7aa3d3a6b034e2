"""Dialogs, settings, toasts, error reports: what several parts of the window share."""
