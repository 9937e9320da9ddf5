"""What Nameplate knows: concepts, labels, scores. Only the standard library and numpy."""
