"""What can be done in the window: the table of actions, their keys, menus and lists of them."""
