"""Filters as values and as typed lines, evaluated over the columns of all images."""
