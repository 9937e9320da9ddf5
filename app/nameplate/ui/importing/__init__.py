"""Importing labels from files, after a preview."""
