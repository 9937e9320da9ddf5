"""Background jobs: threads that send events to the window's thread."""
