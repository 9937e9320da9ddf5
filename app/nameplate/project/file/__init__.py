"""The file of a project: its tables, what is written into them and read from them, copies of it."""
