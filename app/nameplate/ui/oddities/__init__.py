"""Another look: decisions and pictures that the rest speaks against, and confused names."""
