"""Parts of the window that show the session's state and request actions through signals."""
