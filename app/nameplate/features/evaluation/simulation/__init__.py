"""A simulated annotator: how many actions a folder takes whose truth is known."""
