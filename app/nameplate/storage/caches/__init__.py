"""Caches on disk: SQLite files of vectors with checksums, which may be deleted."""
