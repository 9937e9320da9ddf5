"""Classifiers that learn from what a person decided, and the evidence that they are better."""
