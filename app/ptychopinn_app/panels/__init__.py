"""Parts of the window that show the session's state and request actions by signals."""
