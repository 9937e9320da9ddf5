"""One module a format: what labels are delivered in, and taken from."""
