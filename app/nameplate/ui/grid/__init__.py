"""The grid of pictures: view, order, selection."""
