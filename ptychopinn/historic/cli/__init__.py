"""The command-line programs of the historic names."""
