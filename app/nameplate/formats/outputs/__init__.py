"""Where exports are written to: files, folders and files beside pictures, and what is replaced."""
