"""Picture files: found, judged, decoded, shrunk to thumbnails."""
