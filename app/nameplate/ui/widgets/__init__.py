"""Widgets and looks that know nothing of pictures, names or models."""
