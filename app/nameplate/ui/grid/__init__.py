"""The grid of pictures: which ones, in which order, selected how."""
