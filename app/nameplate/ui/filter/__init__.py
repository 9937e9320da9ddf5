"""The filter of the pictures: a typed line, chips, a menu, saved views, folders."""
