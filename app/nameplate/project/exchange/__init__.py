"""Decisions from elsewhere: imports, and another person's project of the same images."""
