"""The files of a folder of shards: a manifest, a list of images, embeddings and labels."""
