"""The actions of the window: their table, keys, menus and lists."""
