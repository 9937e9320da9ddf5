"""What the program can do beyond its main job: one folder each, which can be deleted."""
