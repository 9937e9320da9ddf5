"""Storage on disk: atomic writes of files, caches, settings."""
