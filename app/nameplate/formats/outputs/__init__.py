"""The outputs of exports: files, folders and sidecars, and what they may replace."""
