"""Taking over labels from files, after a preview."""
