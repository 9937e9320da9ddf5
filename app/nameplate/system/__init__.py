"""The operating system: child processes, memory, errors of files, Qt's libraries."""
