"""Choosing, adding and downloading models."""
