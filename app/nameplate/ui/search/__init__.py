"""Search in the window: the order of pictures by a sentence or another picture."""
