"""Pictures that look alike and have no name yet, to be named together."""
