"""What Nameplate stores on disk: atomic writes of files, caches, settings."""
