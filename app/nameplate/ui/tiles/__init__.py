"""A tile of the grid: its content, its thumbnail, and how both are painted."""
