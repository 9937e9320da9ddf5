"""Edits of the concepts, and lists and files of names."""
