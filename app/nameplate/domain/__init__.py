"""Values and pure functions: images, concepts, labels. Only the standard library and numpy."""
