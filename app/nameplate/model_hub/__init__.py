"""The catalogue of models, downloads, and the installed models."""
