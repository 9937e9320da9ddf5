"""The column of names: their list, details, and lists of names in files."""
