"""The frame of the window: tool row, names, status line, problems, settings."""
