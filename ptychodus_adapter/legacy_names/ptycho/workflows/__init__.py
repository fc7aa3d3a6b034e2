"""Historic name of the workflow package."""
