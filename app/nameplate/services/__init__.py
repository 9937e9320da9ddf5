"""Use cases, without Qt: generators and functions that window and command line share."""
