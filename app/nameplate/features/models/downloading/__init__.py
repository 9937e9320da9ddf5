"""From the list of known models to a folder that is complete."""
