"""Stacks in the grid: shown as one picture, opened and closed."""
