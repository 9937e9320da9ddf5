"""Decisions from other sources: imported labels, and another person's project."""
