"""Comparing the decisions of two people, and taking over those of the other."""
