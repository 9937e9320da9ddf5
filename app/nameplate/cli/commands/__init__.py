"""The commands: one module each, with its name, options and action."""
