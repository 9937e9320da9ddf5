"""Labelling of pictures by a person."""
