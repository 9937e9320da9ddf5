"""Texts for people: messages by the catalogue, and formatted numbers."""
