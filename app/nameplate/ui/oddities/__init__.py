"""Another look: decisions that may be mistakes, odd pictures, and names that are mixed up."""
