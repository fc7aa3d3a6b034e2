"""Services for the whole window: dialogs, preferences, toasts, error reports, devices."""
