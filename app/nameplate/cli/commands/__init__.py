"""The commands: a module each, named as what is typed, with its options and what it does."""
