"""Turns picture files into embeddings: reads and decodes ahead, encodes in batches, caches."""
