"""The open project: everything a person would miss, its history, and changes to it."""
