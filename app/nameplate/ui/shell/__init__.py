"""What is around the pictures: actions, tool row, status line, messages, problems."""
