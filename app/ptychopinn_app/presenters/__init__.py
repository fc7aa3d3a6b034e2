"""What the window shows of the session, and what it asks of it."""
