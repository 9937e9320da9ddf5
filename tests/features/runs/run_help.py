"""Names for runs of tests, and what is read and damaged of their folders."""

COLOURS = ("--concept", "red", "--concept", "green", "--concept", "blue")


def make_deadly(file):
    """Change one byte of a shard, the type of a column, so that pyarrow ends its process."""
    content, (before, after) = file.read_bytes(), (b"\x0c%\x02\x18\x04path", b"\0%\x02\x18\x04path")
    assert content.count(before) == 1
    file.write_bytes(content.replace(before, after))


def rows(out, folder):
    """Return the rows of the files in a folder of a run, such as `labels`."""
    from pyarrow import parquet

    files = sorted((out / folder).glob("*.parquet"))
    return [row for file in files for row in parquet.read_table(file).to_pylist()]
