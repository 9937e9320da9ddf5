"""Keys and context menu of the pictures: decisions, picking names, running actions."""
