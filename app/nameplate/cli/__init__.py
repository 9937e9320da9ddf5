"""The command line: arguments to services."""
