"""Pages: images with one suggested name, accepted or corrected at once."""
