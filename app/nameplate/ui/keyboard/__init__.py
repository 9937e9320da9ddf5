"""What the keys and the menu of the pictures do: decide, pick names, run commands."""
