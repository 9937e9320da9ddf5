"""The outputs of exports: files, folders and sidecars, with the rules for overwriting."""
