"""The view modes: ways to show the pictures, such as grid, large view and compare."""
