"""The list of concepts: its view, its rows, dragging, and what can be done to a row."""
