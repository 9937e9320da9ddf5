"""What Nameplate knows: images, concepts, labels. Only the standard library and numpy."""
