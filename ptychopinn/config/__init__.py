"""Settings: one dataclass per file, with the words that the app and the command line show."""
