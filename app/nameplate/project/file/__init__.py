"""The file of a project: its tables, reading and writing them, backups."""
