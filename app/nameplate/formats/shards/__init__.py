"""The files of a folder of shards: a manifest, embeddings and labels."""
