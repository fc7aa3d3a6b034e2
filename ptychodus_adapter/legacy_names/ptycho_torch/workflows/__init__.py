"""Historic import names of the workflows."""
