"""Historic name of the configuration package."""
