"""The view mode in which pages of suggestions and groups of similar pictures are decided."""
