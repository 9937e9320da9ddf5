"""What Nameplate keeps on the disk: files written whole, caches, settings."""
