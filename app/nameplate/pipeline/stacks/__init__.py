"""Which images belong together, and which of a stack is the best."""
