"""The command line: one file per subcommand, flags generated from the configuration dataclasses."""
