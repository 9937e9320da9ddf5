"""The selected picture, and its probability for each name."""
