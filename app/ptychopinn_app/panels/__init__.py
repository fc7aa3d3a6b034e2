"""Parts of the window that show the session's state and ask for actions by signals."""
