"""Finding missing pictures that were moved or renamed."""
