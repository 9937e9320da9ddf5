"""The grid of pictures and their thumbnails."""
