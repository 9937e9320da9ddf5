"""Pages of the accuracy panel, one for each kind of figures."""
