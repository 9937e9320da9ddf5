"""The command line: arguments to the pipeline."""
