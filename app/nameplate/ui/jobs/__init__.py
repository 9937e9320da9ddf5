"""Background jobs: threads whose events reach the window's thread."""
