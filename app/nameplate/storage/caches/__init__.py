"""Caches on the disk: SQLite files of vectors, each with a checksum; they may be deleted."""
