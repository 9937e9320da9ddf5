"""Declarations of features, ours and other packages', and their registry."""
