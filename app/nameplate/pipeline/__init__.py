"""Jobs that the window and the command line share: generators with a cancel token."""
