"""Model folders that other exporters made, read as they are."""
