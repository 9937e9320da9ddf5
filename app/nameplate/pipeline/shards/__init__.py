"""Labelling into a folder of shards, which can be resumed and divided among processes."""
