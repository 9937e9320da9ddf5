"""Filters as values and as typed lines, worked out over the columns of all images."""
