"""Scores, probabilities, suggestions and metrics: pure functions on arrays."""
