"""Known models: the catalogue, downloads, the folder of installed ones."""
