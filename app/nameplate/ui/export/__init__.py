"""Writing the labels."""
