"""Ways to look at the pictures of a view: the grid, one picture large, several side by side."""
