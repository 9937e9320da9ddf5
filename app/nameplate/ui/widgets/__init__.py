"""Generic widgets and the theme, independent of pictures, names and models."""
