"""Random checks of the labels: pages, and the bound that follows from them."""
