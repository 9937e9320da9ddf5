"""Classifiers fitted to a person's decisions."""
