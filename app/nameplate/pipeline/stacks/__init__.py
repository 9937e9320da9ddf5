"""Stacks: copies of an image and the frames of a burst."""
