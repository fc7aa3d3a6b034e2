"""Settings: one dataclass per file, with the texts that the app and the command line show."""
