"""Random checks of the labels, and what they show."""
