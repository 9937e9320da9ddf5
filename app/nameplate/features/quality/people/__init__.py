"""The decisions of two people about the same images: agreement, and taking over."""
