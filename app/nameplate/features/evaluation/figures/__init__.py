"""How right labels are, in numbers: arrays in, figures with their intervals out."""
