"""Historic import names of the programming interface."""
