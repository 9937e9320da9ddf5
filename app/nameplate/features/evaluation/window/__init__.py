"""What the panel “How right is it?” shows: a page for each kind of figures."""
