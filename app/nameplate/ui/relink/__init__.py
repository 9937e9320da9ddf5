"""Finding pictures that were moved or renamed."""
