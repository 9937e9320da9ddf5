"""The list of concepts: its view, rows, dragging and context menu."""
