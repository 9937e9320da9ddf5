"""Picture files: finding, checking and decoding them, and making thumbnails."""
