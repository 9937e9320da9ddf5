"""Exporting labels."""
