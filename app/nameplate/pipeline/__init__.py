"""Jobs that window and command line share: generators with a cancel token."""
