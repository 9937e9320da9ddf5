"""The frame of the window: actions, tool row, status line, messages, problems."""
