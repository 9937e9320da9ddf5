"""Features beyond the main job, one folder each; each folder can be deleted."""
