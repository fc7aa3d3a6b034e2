"""Presenters: connect the session with the widgets of the window."""
