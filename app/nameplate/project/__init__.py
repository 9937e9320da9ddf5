"""The open project: what a person would miss, its history, and the only way to change it."""
