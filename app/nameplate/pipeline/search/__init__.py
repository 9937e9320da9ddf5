"""Search: images ranked by similarity to a sentence or to other images."""
