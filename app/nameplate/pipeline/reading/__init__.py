"""From picture files to embeddings: read and decoded ahead, encoded in batches, cached, scored."""
